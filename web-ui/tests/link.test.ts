import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LONGEST_LINK, packed, readAddress, unpacked, writeAddress } from '../src/app/link'
import * as order from '../src/app/scenario'

const codes = readFileSync('../ecumene/countries.csv', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(';')[0] as string)

/** The same numbers every time: cases that fail can be run again. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761 + 1
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0
    return ((state ^ (state >>> 13)) >>> 0) % sides
  }
}

/** An order as somebody might build it: blocs all over the map, rules of every kind, words in any script. */
function built(seed: number): order.Scenario {
  const roll = dice(seed)
  const words = ['Zwei Blöcke', '東と西', 'plain', '«Мир»', 'a "b" & c #d=e', '🌍'][roll(6)] as string
  let scenario = order.entitled(order.EMPTY, words.repeat(1 + roll(3)))
  const blocs = Array.from({ length: roll(order.MOST_BLOCS + 1) }, () => {
    const [after, name] = order.withBloc(scenario)
    scenario = order.deepened(after, name, roll(7))
    return name
  })
  for (const code of codes) if (blocs.length && roll(4)) scenario = order.painted(scenario, [code], blocs[roll(blocs.length)] as string)
  for (const kind of ['limits', 'tariffs', 'barriers', 'embargoes'] as const) {
    const rules = Array.from({ length: roll(6) }, () => {
      const rule = order.newRule(kind, [blocs[roll(12)] ?? 'rest', codes[roll(codes.length)] ?? 'all'])
      return 'add_points' in rule ? { ...rule, add_points: roll(4000) / 10, sectors: ['food'] } : rule
    })
    scenario = order.withRules(scenario, kind, rules)
  }
  if (roll(2)) scenario = order.noted(scenario, 'What this assumes, said by its author. '.repeat(roll(11)).slice(0, order.LONGEST_NOTE))
  return order.shocked(scenario, ['pandemic', 'energy-embargo'].slice(roll(3)))
}

test('every order comes back from its address as it went in, and the address is short', async () => {
  for (let seed = 0; seed < 150; seed++) {
    const scenario = built(seed)
    const text = await packed(scenario)
    expect(text).toMatch(/^[A-Za-z0-9_-]+$/)
    expect(await unpacked(text), `seed ${seed}`).toEqual(scenario)
    const address = `http://127.0.0.1:8000/${writeAddress({ s: text, v: 'compare', m: 'real_income', e: 'DEU', c: 'two-blocs.open.multipolar.~', l: 'ja' })}`
    expect(address.length, `seed ${seed}`).toBeLessThan(LONGEST_LINK)
  }
})

test('keys that the page has no controls for come along', async () => {
  const scenario: order.Scenario = {
    preset: null,
    order: {
      name: 'x',
      title: '',
      extends: 'two-blocs',
      dissolve: ['EU'],
      leave: { EU: ['HUN'] },
      tariff_game: { largest: 10, stage: 'nash' },
      blocs: { 'a-1': { members: ['union:EU', 'not DEU'], depth: 3, external_tariff: 'own' }, b: { members: [], depth: 0 } },
    },
    shocks: [],
  }
  expect(await unpacked(await packed(scenario))).toEqual(scenario)
})

test('blocs keep their sequence, which gives them their colours', async () => {
  const [one] = order.withBloc(order.EMPTY)
  const [two] = order.withBloc(one)
  const renamed = order.renamed(two, 'bloc-a', 'zebra')
  expect(Object.keys((await unpacked(await packed(renamed))).order.blocs ?? {})).toEqual(['zebra', 'bloc-b'])
})

test('what is damaged is refused whole', async () => {
  const text = await packed(built(3))
  for (const wrong of ['', 'x', '!!', text.slice(0, -4), text.slice(5)]) await expect(unpacked(wrong), wrong).rejects.toThrow()
})

test('an address says what it was given, and nothing that is empty', () => {
  const said = { o: 'two-blocs', e: 'DEU', m: '', c: 'a.b.~', x: 'ä & = # %' }
  expect(readAddress(writeAddress(said))).toEqual({ o: 'two-blocs', e: 'DEU', c: 'a.b.~', x: 'ä & = # %' })
  expect(writeAddress({ a: '' })).toBe('')
})
