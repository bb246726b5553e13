import { expect, test } from 'vitest'
import { difference, differences } from '../src/app/difference'
import { added, read } from '../src/app/own'
import { EMPTY } from '../src/app/scenario'
import { found } from '../src/app/Search'
import { gainThrough, worldThrough } from '../src/app/SectorsView'
import { neighbour } from '../src/map/neighbour'
import { SHAPES } from '../src/map/shapes'
import { headline } from '../src/sentences'
import { small } from './small'

const known = new Set(SHAPES.map((shape) => shape.code))

test('arrow keys lead to the neighbour that one sees', () => {
  expect(neighbour('FRA', 'right', known)).toBe('CHE')
  expect(neighbour('ESP', 'left', known)).toBe('PRT')
  expect(neighbour('USA', 'up', known)).toBe('CAN')
  expect(neighbour('LBY', 'down', known)).toBe('TCD')
  expect(neighbour('LBY', 'down', new Set(['LBY', 'ZAF']))).toBe('ZAF')
})

test('every country can be reached by arrow keys', () => {
  const reached = new Set(['DEU'])
  const open = ['DEU']
  for (let code = open.pop(); code !== undefined; code = open.pop())
    for (const way of ['up', 'down', 'left', 'right'] as const) {
      const next = neighbour(code, way, known)
      if (next && !reached.has(next)) {
        reached.add(next)
        open.push(next)
      }
    }
  expect([...known].filter((code) => !reached.has(code))).toEqual([])
})

test('a difference is made at the same elasticities, and its range holds all three', () => {
  const doc = small()
  expect(difference(doc, 'real_income', 1, 0, { economy: 0 })).toEqual({ central: -2, low: -3, high: -1 })
  doc.variables['real_income']!.values = [[[1, 2, 3]], [[2, 2, 2]]]
  expect(difference(doc, 'real_income', 1, 0, { economy: 0 })).toEqual({ central: 0, low: -1, high: 1 })
  expect(differences(doc, 'real_income', 1, 0).size).toBe(1)
})

test('without a number on one side there is no difference, and without ends no range', () => {
  const doc = small()
  expect(difference(doc, 'real_wage', 1, 0, { economy: 0 })).toBeNull()
  doc.labels['quantile'] = ['central']
  doc.variables['real_income']!.values = [[[1]], [[4]]]
  expect(difference(doc, 'real_income', 1, 0, { economy: 0 })).toEqual({ central: 3, low: null, high: null })
})

test('the three figures are those of single economies, and over what is supplied where goods lack', () => {
  const doc = small()
  expect(headline(doc, 1)).toMatchObject({ variable: 'real_income', world: { central: -1 }, loser: { code: 'DEU' }, gainer: { code: 'GEO' } })
  expect(headline(doc, 0)).toMatchObject({ loser: null, gainer: null })
  doc.variables['missing_goods']!.values = [[], [[1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]]
  doc.variables['real_income_without_missing'] = { ...doc.variables['real_income']!, values: [[], [[-1, -0.5, 0], [9, 9, 9], [0, 0, 0], [0, 0, 0]]] }
  expect(headline(doc, 1)).toMatchObject({ variable: 'real_income_without_missing', world: null, loser: { code: 'DEU', estimate: { central: -0.5 } } })
})

test('sectors add up over the world by base income; what is not told is missing, not zero', () => {
  const doc = small()
  doc.labels['sector'] = ['food', 'energy']
  doc.sectors = [[[[1, -2]], [[0, 1]], [], []]]
  expect(gainThrough(doc, 0, 1)).toBe(-2)
  expect(gainThrough(doc, 0, 0)).toBeNull()
  doc.variables['base_income'] = { units: 'million USD a year', meaning: '', dims: ['order', 'economy'], values: [[30, 10, 60, 0]] }
  expect(worldThrough(doc, 1)).toBeCloseTo(-0.6)
  expect(worldThrough(doc, 0)).toBeCloseTo(0.1)
})

test('a country is found in any language, without accents, first by its beginning', () => {
  const names: Record<string, string[]> = { CIV: ['Côte d’Ivoire', 'コートジボワール'], DEU: ['Germany', 'Deutschland'], NER: ['Niger'], NGA: ['Nigeria'], DZA: ['Algeria'] }
  const search = (words: string) => found(words, Object.keys(names), (code) => [code, ...(names[code] ?? [])])
  expect(search('cote')).toEqual(['CIV'])
  expect(search('コート')).toEqual(['CIV'])
  expect(search('deu')).toEqual(['DEU'])
  expect(search('ger')).toEqual(['DEU', 'NER', 'NGA', 'DZA'])
  expect(search('  ')).toEqual([])
})

test('what a browser has kept is read, and what is no list of orders is not', () => {
  const mine = { ...EMPTY, order: { ...EMPTY.order, title: 'Mine' } }
  expect(read(JSON.stringify([mine]))).toEqual([mine])
  for (const wrong of [null, '', '{', '{}', '[1, null, {"order": 3}]']) expect(read(wrong)).toEqual([])
  expect(added([mine], { ...mine, shocks: ['pandemic'] })).toEqual([{ ...mine, shocks: ['pandemic'] }])
})
