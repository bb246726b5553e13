// A small result as the Python side writes it.
import type { Document } from '../src/result'

export function small(): Document {
  const run = (order: string, title: string) => ({
    order,
    order_title: title,
    order_hash: order.padEnd(64, '0'),
    data_hash: '1'.repeat(64),
    world_source: 'a made-up world',
    world_year: 2019,
    theta_source: 'somewhere',
    deficits: 'fixed',
    seed: null,
    versions: { ecumene: '0' },
    notes: ['One note.'],
    solves: [{ quantile: 'central', theta_factor: 1, status: 0, message: 'converged', iterations: 3, residual: 1e-12, variant: '' }],
    draws: 0,
    citation: 'Cite me.',
  })
  const change = { units: 'percent', meaning: 'change of real income', dims: ['order', 'economy', 'quantile'] }
  const world = { units: 'percent', meaning: 'world change', dims: ['order', 'quantile'] }
  return {
    format: 1,
    hash: 'f'.repeat(64),
    economies: ['DEU', 'GEO', 'USA', 'ROW_ASIA'],
    names: {},
    orders: [
      { name: 'today', title: 'Today', description: '', note: '' },
      { name: 'two-blocs', title: 'Two blocs', description: '', note: '' },
    ],
    labels: { quantile: ['low_theta', 'central', 'high_theta'], cause: ['tariff', 'deficit'] },
    variables: {
      real_income: {
        ...change,
        values: [
          [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]],
          [[-3, -2, -1], [0.5, 1.25, 2], [0, 0.001, 0], [-9, -8, -7]],
        ],
      },
      real_wage: { ...change, meaning: 'change of the real wage', values: [[[null, 1, 2]], [[null, null, null]]] },
      missing_goods: { units: 'sectors', meaning: 'sectors', dims: ['order', 'economy', 'quantile'], values: [] },
      population: { units: 'persons', meaning: 'population', dims: ['order', 'economy'], values: [[83e6], [83e6]] },
      world_real_income: { ...world, values: [[0, 0, 0], [-1.5, -1, -0.5]] },
      world_real_income_by_population: { ...world, values: [[0, 0, 0], [-1.5, -1.2, -0.5]] },
      gain_by_cause: {
        units: 'log points x 100',
        meaning: 'by cause',
        dims: ['order', 'economy', 'cause'],
        values: [[[0, 0]], [[-2, 0.5]]],
      },
    },
    partners: null,
    sectors: null,
    provenance: [run('today', 'Today'), run('two-blocs', 'Two blocs')],
    failed: {},
    left_out: [],
  }
}
