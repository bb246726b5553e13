// The next country in a direction, for those who walk the map by keys.
import { SHAPES, type Shape } from './shapes'

export type Way = 'up' | 'down' | 'left' | 'right'

const TURNED: Record<Way, (dx: number, dy: number) => [number, number]> = {
  right: (dx, dy) => [dx, dy],
  left: (dx, dy) => [-dx, -dy],
  down: (dx, dy) => [dy, -dx],
  up: (dx, dy) => [-dy, dx],
}

/** The nearest of the known countries that lies ahead, those straight ahead first; without a start, the largest in name order. */
export function neighbour(from: string | null, way: Way, known: ReadonlySet<string>, shapes: readonly Shape[] = SHAPES): string | null {
  const start = shapes.find((shape) => shape.code === from)
  if (!start) return shapes.find((shape) => known.has(shape.code))?.code ?? null
  let [best, least]: [string | null, number] = [null, Infinity]
  for (const { code, centre } of shapes) {
    if (code === from || !known.has(code)) continue
    const [ahead, aside] = TURNED[way](centre[0] - start.centre[0], centre[1] - start.centre[1])
    if (ahead <= 0 || Math.abs(aside) > 2 * ahead) continue
    const distance = ahead + 2 * Math.abs(aside)
    if (distance < least) [best, least] = [code, distance]
  }
  return best
}
