import { expect, test } from 'vitest'
import { measureRows, tabbed, tidy } from '../src/parts/rows'
import { small } from './small'

test('a measure is a row for each economy, with central, low and high for each order', () => {
  const rows = measureRows(small(), 'real_income')
  expect(rows[0]).toEqual(['economy', 'today', 'today low', 'today high', 'two-blocs', 'two-blocs low', 'two-blocs high'])
  expect(rows[1]).toEqual(['DEU', '0', '0', '0', '-2', '-3', '-1'])
  expect(tabbed(rows).split('\n')).toHaveLength(5)
})

test('tidy rows hold every number once, and nothing for what is missing', () => {
  const lines = tidy(small()).trim().split('\n')
  expect(lines[0]).toBe('economy,variable,unit,order,quantile,value')
  expect(lines).toContain('DEU,real_income,percent,two-blocs,low_theta,-3')
  expect(lines).toContain('WORLD,world_real_income,percent,two-blocs,central,-1')
  expect(lines).toContain('DEU,real_wage,percent,two-blocs,central,')
  expect(lines.some((line) => line.includes('gain_by_cause'))).toBe(false)
})

test('a comma or a quotation mark in a name stays inside its cell', () => {
  const doc = small()
  doc.orders[0]!.name = 'a, "b"'
  expect(tidy(doc)).toContain('"a, ""b"""')
})

test('ends of the band have names of their own, as in the rows of Python', () => {
  const doc = small()
  doc.labels.band = ['least', 'central', 'most']
  doc.labels.shock = ['storm']
  const dims = ['order', 'shock', 'band']
  doc.variables.world_shock_loss = { units: 'percent', meaning: 'loss', dims, values: doc.orders.map(() => [[1, 2, 3]]) }
  expect(tidy(doc)).toContain('WORLD,world_shock_loss:storm,percent,today,least_band,1\n')
  expect(tidy(doc)).toContain('WORLD,world_shock_loss:storm,percent,today,most_band,3\n')
})
