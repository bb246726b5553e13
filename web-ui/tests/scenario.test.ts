import { expect, test } from 'vitest'
import { begun, redone, stepped, undone } from '../src/app/history'
import * as order from '../src/app/scenario'
import { orderTitle } from '../src/text'
import { firstState, next, OWN } from '../src/app/state'

const two = (): order.Scenario => ({
  preset: 'two-blocs',
  order: {
    name: 'two-blocs',
    title: 'Two blocs',
    note: 'A note.',
    blocs: { west: { members: ['DEU', 'USA'], depth: 2 }, east: { members: ['CHN', 'RUS'], depth: 2 } },
    limits: [{ between: [['west'], ['east']], depth: 0 }],
    tariffs: [{ on: ['west'], from: ['east'], add_points: 35 }],
    barriers: [{ between: [['west'], ['not east']], cost_percent: 20, sectors: ['services'] }],
  },
  shocks: [],
})

test('an economy that is painted leaves every other bloc, and the order is no preset any more', () => {
  const after = order.painted(two(), ['USA', 'FRA'], 'east')
  expect(order.blocsOf(after).map(([, bloc]) => bloc.members)).toEqual([['DEU'], ['CHN', 'FRA', 'RUS', 'USA']])
  expect(after.preset).toBeNull()
  expect(after.order.name).toBe('my-two-blocs')
  expect(orderTitle(after.order.title, 'ja')).toBe('二つのブロック *')
  expect(order.painted(after, ['FRA'], null).order.title).toBe(after.order.title)
  expect(order.blocOf(after, 'FRA')).toBe('east')
  expect(order.blocOf(order.painted(after, ['FRA'], null), 'FRA')).toBeNull()
})

test('painting what is already so changes nothing, not even a preset', () => {
  const before = two()
  expect(order.painted(before, ['DEU'], 'west')).toBe(before)
  expect(order.painted(before, ['FRA'], null)).toBe(before)
})

test('what was, stays as it was', () => {
  const before = two()
  order.painted(before, ['USA'], 'east')
  order.deepened(before, 'west', 5)
  order.withoutBloc(before, 'west')
  order.renamed(before, 'west', 'north')
  expect(before).toEqual(two())
})

test('a bloc that is renamed is renamed in every rule, and its note is left alone', () => {
  const after = order.renamed(two(), 'east', 'Far East!').order
  expect(Object.keys(after.blocs ?? {})).toEqual(['west', 'far-east'])
  expect(after.limits).toEqual([{ between: [['west'], ['far-east']], depth: 0 }])
  expect(after.barriers?.[0]?.between).toEqual([['west'], ['not far-east']])
  expect(after.note).toBe('A note.')
  const before = two()
  expect(order.renamed(before, 'east', 'west')).toBe(before)
})

test('a bloc that is removed takes the rules along that name it', () => {
  const after = order.withoutBloc(two(), 'east').order
  expect(Object.keys(after.blocs ?? {})).toEqual(['west'])
  expect([after.limits, after.tariffs, after.barriers]).toEqual([undefined, undefined, undefined])
})

test('a common tariff ends where a bloc is too shallow for it', () => {
  const deep = two()
  deep.order.blocs!['west'] = { members: ['DEU'], depth: 3, external_tariff: 'common' }
  expect(order.deepened(deep, 'west', 2).order.blocs!['west']).toEqual({ members: ['DEU'], depth: 2 })
  expect(order.deepened(deep, 'west', 4).order.blocs!['west']!.external_tariff).toBe('common')
})

test('a bloc that becomes as deep as a customs union keeps its members’ tariffs until it is told', () => {
  const deep = order.deepened(two(), 'west', 4)
  expect(order.hasCommonTariff(deep.order.blocs!['west']!)).toBe(false)
  expect(order.hasCommonTariff(order.withTariff(deep, 'west', 'common').order.blocs!['west']!)).toBe(true)
  expect(order.hasCommonTariff(two().order.blocs!['west']!)).toBe(false)
})

test('who stands apart from a customs union is told, and leaves it on demand', () => {
  const unions = [
    { name: 'EU', depth: 5, common_tariff: true, members: ['DEU', 'FRA', 'ITA', 'POL'] },
    { name: 'CIS', depth: 2, common_tariff: false, members: ['RUS', 'USA'] },
  ]
  const split = order.painted(order.painted(two(), ['FRA', 'ITA'], 'west'), ['POL'], 'east')
  expect(order.partings(split, unions)).toEqual({ EU: ['POL'] })
  const after = order.parted(split, { EU: ['POL'] })
  expect(after.order['leave']).toEqual({ EU: ['POL'] })
  expect(order.partings(after, unions)).toEqual({})
})

test('an economy leaves its bloc, else the deepest union that the order leaves it in', () => {
  const unions = [
    { name: 'CIS', depth: 2, common_tariff: false, members: ['RUS', 'POL'] },
    { name: 'EUROZONE', depth: 5, common_tariff: false, members: ['FRA', 'POL'] },
    { name: 'EU', depth: 4, common_tariff: true, members: ['FRA', 'POL'] },
    { name: 'NATO', depth: 0, common_tariff: false, members: ['FRA', 'USA'] },
  ]
  const split = order.painted(two(), ['FRA'], 'west')
  expect(order.homeOf(split, 'FRA', unions)).toEqual({ name: 'west', union: false })
  expect(order.without(split, 'FRA', unions)?.order).toMatchObject({ name: expect.stringMatching(/-without-fra$/) })
  expect(order.blocOf(order.without(split, 'FRA', unions)!, 'FRA')).toBeNull()
  const today = { ...order.EMPTY, preset: 'today', order: { name: 'today', title: 'Today' } }
  expect(order.without(today, 'POL', unions)?.order).toMatchObject({ name: 'today-without-pol', leave: { EU: ['POL'] } })
  const dissolved = { ...today, order: { ...today.order, dissolve: ['EU', 'EUROZONE'] } }
  expect(order.homeOf(dissolved, 'POL', unions)).toEqual({ name: 'CIS', union: true })
  expect(order.without(dissolved, 'FRA', unions)).toBeNull()
})

test('names are such as orders may have', () => {
  for (const words of ['Größe 2', '2 fast', '', '東', '--x--', 'a'.repeat(90), 'Ä-Ö']) {
    expect(order.slug(words, 'mine')).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/)
  }
  expect(order.slug('東', 'mine')).toBe('mine')
})

test('new blocs have names that are free', () => {
  let scenario = order.EMPTY
  const names = Array.from({ length: order.MOST_BLOCS }, () => {
    const [after, name] = order.withBloc(scenario)
    scenario = after
    return name
  })
  expect(new Set(names).size).toBe(order.MOST_BLOCS)
})

test('every step can be taken back and taken again', () => {
  let history = begun(0)
  for (const n of [1, 2, 3]) history = stepped(history, n)
  expect(stepped(history, 3)).toBe(history)
  expect(undone(undone(history)).present).toBe(1)
  expect(redone(undone(history))).toEqual(history)
  expect(redone(history)).toEqual(history)
  expect(undone(begun(0)).present).toBe(0)
  expect(redone(stepped(undone(history), 9)).present).toBe(9)
})

test('the brush stays on a bloc that there is', () => {
  let state = next(firstState('en'), { kind: 'open', scenario: two() })
  expect(state.bloc).toBe('west')
  state = next(state, { kind: 'look', at: { bloc: 'east' } })
  state = next(state, { kind: 'change', scenario: order.withoutBloc(two(), 'east') })
  expect(state.bloc).toBe('west')
  expect(order.blocsOf(next(state, { kind: 'undo' }).history.present)).toHaveLength(2)
})

test('at most four orders stand side by side', () => {
  let state = { ...firstState('en'), compared: ['a', 'b', 'c', 'd'] }
  expect(next(state, { kind: 'compare', name: 'e' }).compared).toEqual(['a', 'b', 'c', 'd'])
  state = next(state, { kind: 'compare', name: 'b' })
  expect(next(state, { kind: 'compare', name: OWN }).compared).toEqual(['a', 'c', 'd', OWN])
})
