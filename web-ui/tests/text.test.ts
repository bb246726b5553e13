import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { change, level, range, writer } from '../src/numbers'
import { nameOf, preferred, textOf } from '../src/text'
import en from '../src/text/en'
import ja from '../src/text/ja'

const PRESETS = '../ecumene/orders/presets'
const japanese = /[\u3040-\u30ff\u4e00-\u9fff]/

test('Japanese says everything that English says, in Japanese', () => {
  for (const [key, value] of Object.entries(en)) {
    const other = ja[key as keyof typeof ja]
    expect(typeof other, key).toBe(typeof value)
    if (typeof value === 'string' && key !== 'lang') expect(other, key).toMatch(japanese)
    if (typeof value === 'object' && !Array.isArray(value)) expect(Object.keys(other), key).toEqual(expect.arrayContaining(Object.keys(value)))
  }
  expect(ja.method).toHaveLength(en.method.length)
})

/** Every key of nested texts, with its kind. */
function keys(value: unknown, path = ''): string[] {
  if (value === null || typeof value !== 'object') return [`${path}: ${typeof value}`]
  return Object.entries(value).flatMap(([key, each]) => keys(each, `${path}.${key}`))
}

test('the app says in Japanese all that it says in English, and every sentence is Japanese', () => {
  expect(keys(ja.app)).toEqual(keys(en.app))
  const said = (value: unknown): string[] => (typeof value === 'string' ? [value] : typeof value === 'object' && value ? Object.values(value).flatMap(said) : [])
  expect(said(ja.app).filter((words) => !japanese.test(words))).toEqual([])
})

test('every preset has a Japanese title', () => {
  const titles = readdirSync(PRESETS).map((file) => /^title: (.*)$/m.exec(readFileSync(`${PRESETS}/${file}`, 'utf8'))?.[1])
  expect(titles.filter((title) => !title || !(title in ja.presets))).toEqual([])
})

test('economies are called by their names in each language', () => {
  expect(nameOf('GEO', 'ja')).toBe('ジョージア')
  expect(nameOf('DEU', 'ru')).toBe('Германия')
  expect(nameOf('ROW_ASIA', 'en')).toBe('Rest of Asia')
  expect(nameOf('ROW', 'en')).toBe('Rest of the world')
  expect(nameOf('ATLANTIS', 'en', { ATLANTIS: 'Atlantis' })).toBe('Atlantis')
  expect(nameOf('UNKNOWN', 'en')).toBe('UNKNOWN')
})

test('changes have a sign, levels and shares have none', () => {
  expect(writer('percent', 'change of real income', 'en')(2)).toBe('+2.00')
  expect(writer('percent of base income', 'first-order terms of trade', 'en')(2)).toBe('+2.00')
  expect(writer('percent', 'share of spending against rivals', 'en')(2)).toBe('2')
  expect(writer('million USD a year', 'change of nothing', 'en')(2)).toBe('2')
})

test('the reader’s first language that there is', () => {
  expect(preferred(['nl', 'ja-JP', 'en'])).toBe('ja')
  expect(preferred(['nl'])).toBe('en')
})

test('numbers have signs, two decimals and their range', () => {
  expect(change(-0.004, 'en')).toBe('0.00')
  expect(change(3, 'en')).toBe('+3.00')
  expect(change(-3, 'de')).toBe('−3,00')
  expect(level(1234567, 'en')).toBe('1,235,000')
  expect(level(-3e-13, 'en')).toBe('0')
  const write = (value: number) => change(value, 'en')
  expect(range({ central: 1, low: null, high: null }, write, textOf('en'))).toBe('point estimate')
  expect(range({ central: 1, low: 1, high: 1.001 }, write, textOf('en'))).toBe('same over the range')
})
