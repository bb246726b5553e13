import { expect, test } from 'vitest'
import { acrossOrders, summary } from '../src/sentences'
import { small } from './small'

test('the summary says what the numbers say', () => {
  expect(summary(small(), 1, 'en')).toEqual([
    'The world’s real income falls by 1.00 % (−1.50 to −0.50); weighted by people, the change is −1.20 % (point estimate).',
    'By point estimates 2 economies lose, 1 gains, 1 moves by less than 0.005 %.',
    'The largest loss: Germany, −2.00 % (−3.00 to −1.00). The largest gain: Georgia, +1.25 % (+0.50 to +2.00).',
  ])
})

test('the base changes nothing', () => {
  expect(summary(small(), 0, 'en')).toEqual(['This is the base: nothing changes.'])
})

test('a loss becomes a gain where the numbers do', () => {
  const doc = small()
  doc.variables['world_real_income']!.values = [[0, 0, 0], [0.5, 1, 1.5]]
  expect(summary(doc, 1, 'en')[0]).toContain('rises by 1.00 % (+0.50 to +1.50)')
})

test('goods that nobody supplies are told, and losses are then over those that remain', () => {
  const doc = small()
  doc.variables['missing_goods']!.values = [[], [[1, 1, 1], [0, 0, 0], [0, 0, 0], [0, 0, 0]]]
  doc.variables['real_income_without_missing'] = { ...doc.variables['real_income']! }
  doc.variables['world_real_income_without_missing'] = {
    ...doc.variables['world_real_income']!,
    values: [[0, 0, 0], [-0.9, -0.8, -0.7]],
  }
  const told = summary(doc, 1, 'en').join(' ')
  expect(told).toContain('In 1 economy nobody supplies some goods')
  expect(told).toContain('changes by −0.80 % (−0.90 to −0.70)')
})

test('a number without a range is called a point estimate', () => {
  const doc = small()
  doc.variables['world_real_income'] = { units: 'percent', meaning: '', dims: ['order'], values: [0, -1] }
  expect(summary(doc, 1, 'en')[0]).toContain('falls by 1.00 % (point estimate)')
})

test('the best and the worst order for the world are named; one order alone has neither', () => {
  expect(acrossOrders(small(), 'en')).toBe(
    'Of 2 orders, the world’s real income is highest under “Today” (0.00 %, same over the range) and lowest under “Two blocs” (−1.00 %, −1.50 to −0.50).',
  )
  const doc = small()
  doc.orders = doc.orders.slice(0, 1)
  expect(acrossOrders(doc, 'en')).toBeNull()
})

test('Japanese sentences hold the same numbers', () => {
  const numbers = (text: string) => text.match(/\d+\.\d\d/g)
  expect(numbers(summary(small(), 1, 'ja').join(''))).toEqual(numbers(summary(small(), 1, 'en').join('')))
})
