// A document's numbers as rows for other programs.
import { at, type Document, estimate, RANGE } from '../result'

/** One measure: a row for each economy; central, low and high for each order. */
export function measureRows(doc: Document, variable: string): string[][] {
  const head = ['economy', ...doc.orders.flatMap(({ name }) => [name, `${name} low`, `${name} high`])]
  const rows = doc.economies.map((code, economy) => [
    code,
    ...doc.orders.flatMap((_, order) => {
      const found = estimate(doc, variable, { order, economy })
      return [found?.central, found?.low, found?.high].map((value) => (value == null ? '' : String(value)))
    }),
  ])
  return [head, ...rows]
}

export const tabbed = (rows: string[][]): string => rows.map((row) => row.join('\t')).join('\n')

const quoted = (cell: string) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** Ends of the band of assumptions as `to_frame` names them, beside `low_theta` and `high_theta`. */
const BAND: Record<string, string> = { least: 'least_band', most: 'most_band' }

/** Tidy rows in the columns of `to_frame`: one for each order, economy and place in the range. */
export function tidy(doc: Document): string {
  const out = ['economy,variable,unit,order,quantile,value']
  for (const [name, variable] of Object.entries(doc.variables)) {
    if (variable.dims.includes('cause')) continue
    const axis = variable.dims.find((dim) => dim === 'quantile' || dim === 'band' || dim === 'level')
    const own = axis === 'level' ? name.replace(new RegExp(`${RANGE}$`), '') : name
    const other = variable.dims.find((dim) => !['order', 'economy', axis].includes(dim))
    const economies = variable.dims.includes('economy') ? doc.economies : ['WORLD']
    doc.orders.forEach((order, n) =>
      economies.forEach((code, economy) => {
        for (const further of other ? (doc.labels[other] ?? []) : [undefined])
          for (const end of axis ? (doc.labels[axis] ?? []) : ['central']) {
            const value = at(doc, name, { order: n, economy, [axis ?? 'quantile']: end, ...(other ? { [other]: further } : {}) })
            const cells = [code, further ? `${own}:${further}` : own, variable.units, order.name, BAND[end] ?? end]
            out.push([...cells.map(quoted), value === null ? '' : String(value)].join(','))
          }
      }),
    )
  }
  return `${out.join('\n')}\n`
}
