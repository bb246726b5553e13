// A diverging scale in classes: orange for less, blue for more, told apart in the common kinds of colour blindness.

/** Orange after ColorBrewer PuOr, blue after RdBu; from about nothing outwards. */
const LESS = ['#fee0b6', '#fdb863', '#e08214', '#b35806', '#7f3b08']
const MORE = ['#d1e5f0', '#92c5de', '#4393c3', '#2166ac', '#053061']
export const NONE = '#e3e3de'

/** Limits by the largest change that they are good for. */
const STEPS: [number, number[]][] = [
  [1, [0.02, 0.05, 0.1, 0.2, 0.5]],
  [4, [0.05, 0.2, 0.5, 1, 2]],
  [10, [0.1, 0.5, 1, 2, 5]],
  [Infinity, [0.1, 0.5, 2, 5, 20]],
]

export type Class = { from: number; to: number; colour: string }

/** Limits of the classes on either side of zero, wide enough for the largest change. */
export function limits(largest: number): number[] {
  return STEPS.find(([most]) => largest <= most)?.[1] ?? []
}

/** All classes from the largest loss to the largest gain; the middle one is about zero. */
export function classes(largest: number): Class[] {
  const steps = limits(largest)
  const ends = [...steps, Infinity]
  const more = MORE.map((colour, n) => ({ from: ends[n] ?? 0, to: ends[n + 1] ?? Infinity, colour }))
  const less = LESS.map((colour, n) => ({ from: -(ends[n + 1] ?? Infinity), to: -(ends[n] ?? 0), colour }))
  const first = steps[0] ?? 0
  return [...less.reverse(), { from: -first, to: first, colour: NONE }, ...more]
}

/** The colour of a number; null where there is none. A number on a limit belongs to the outer class. */
export function colourOf(value: number | null, scale: Class[]): string | null {
  if (value === null) return null
  const size = Math.abs(value)
  const within = ({ from, to }: Class) =>
    from < 0 && to > 0 ? size < to : value > 0 ? from >= 0 && size >= from && size < to : to <= 0 && size >= -to && size < -from
  return scale.find(within)?.colour ?? null
}
