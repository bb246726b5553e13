import { expect, test } from 'vitest'
import { classes, colourOf, limits, NONE } from '../src/scale'

test('classes meet, cover every number, and mirror each other', () => {
  for (const largest of [0, 0.3, 3, 8, 100]) {
    const scale = classes(largest)
    expect(scale).toHaveLength(11)
    scale.slice(1).forEach((each, n) => expect(each.from).toBe(scale[n]!.to))
    expect(scale[0]!.from).toBe(-Infinity)
    expect(scale.map((each) => -each.to).reverse()).toEqual(scale.map((each) => each.from))
    expect(new Set(scale.map((each) => each.colour)).size).toBe(11)
  }
})

test('a number has the colour of its side, on a limit of the outer class', () => {
  const scale = classes(100)
  const [first, second] = limits(100) as [number, number]
  expect(colourOf(0, scale)).toBe(NONE)
  expect(colourOf(first * 0.99, scale)).toBe(NONE)
  expect(colourOf(first, scale)).toBe(scale[6]!.colour)
  expect(colourOf(-first, scale)).toBe(scale[4]!.colour)
  expect(colourOf(second, scale)).toBe(scale[7]!.colour)
  expect(colourOf(-second, scale)).toBe(scale[3]!.colour)
  expect(colourOf(1e9, scale)).toBe(scale.at(-1)!.colour)
  expect(colourOf(-1e9, scale)).toBe(scale[0]!.colour)
})

test('no data has no colour, so it is hatched and neither zero nor sea', () => {
  expect(colourOf(null, classes(1))).toBeNull()
  expect(classes(1).map((each) => each.colour)).not.toContain('#ffffff')
})
