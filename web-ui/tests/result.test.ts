import { expect, test } from 'vitest'
import { at, changes, estimate, ranking, readDocument } from '../src/result'
import { firstSelection } from '../src/parts/selection'
import { small } from './small'

test('a number is looked up by the names of its axes, central where none is named', () => {
  expect(at(small(), 'real_income', { order: 1, economy: 0 })).toBe(-2)
  expect(at(small(), 'real_income', { order: 1, economy: 0, quantile: 'high_theta' })).toBe(-1)
  expect(at(small(), 'gain_by_cause', { order: 1, economy: 0, cause: 'deficit' })).toBe(0.5)
  expect(at(small(), 'world_real_income', { order: 1, economy: 3 })).toBe(-1)
})

test('what is not there is null, never zero', () => {
  expect(at(small(), 'no_such', { order: 0 })).toBeNull()
  expect(at(small(), 'real_income', { order: 9, economy: 0 })).toBeNull()
  expect(at(small(), 'real_income', { order: 1, economy: 0, quantile: 'no_such' })).toBeNull()
  expect(estimate(small(), 'real_wage', { order: 1, economy: 0 })).toBeNull()
})

test('a range needs both ends, else it is a point estimate', () => {
  expect(estimate(small(), 'real_income', { order: 1, economy: 1 })).toEqual({ central: 1.25, low: 0.5, high: 2 })
  expect(estimate(small(), 'real_wage', { order: 0, economy: 0 })).toEqual({ central: 1, low: null, high: null })
  expect(estimate(small(), 'population', { order: 0, economy: 0 })).toEqual({ central: 83e6, low: null, high: null })
})

test('the ends of a range lie around the central number', () => {
  const doc = small()
  doc.variables['real_income']!.values = [[[1, 5, 2]]]
  expect(estimate(doc, 'real_income', { order: 0, economy: 0 })).toEqual({ central: 5, low: 1, high: 5 })
})

test('economies are ranked from the largest loss; those without a number are left out', () => {
  expect(ranking(small(), 'real_income', 1).map((each) => each.code)).toEqual(['ROW_ASIA', 'DEU', 'USA', 'GEO'])
  expect(ranking(small(), 'real_wage', 0).map((each) => each.code)).toEqual(['DEU'])
})

test('maps show changes in percent by economy and order', () => {
  expect(changes(small())).toEqual(['real_income', 'real_wage'])
})

test('the first view is the first order that changes anything, and the single economy that it moves most', () => {
  expect(firstSelection(small(), 'en')).toMatchObject({ order: 1, economy: 0 })
})

test('numbers of another format are refused', () => {
  expect(readDocument('"ECUMENE RESULT"')).toBeNull()
  expect(() => readDocument('{"format": 2}')).toThrow('format 2')
})
