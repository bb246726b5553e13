// One order against another: percentage points between their numbers, at the same elasticities.
import { at, type Document, type Estimate, type Place } from '../result'

/** `a` minus `b`; its range is the spread of the differences at low, central and high elasticities. */
export function difference(doc: Document, variable: string, a: number, b: number, place: Place): Estimate | null {
  const found = (doc.labels['quantile'] ?? ['central']).flatMap((quantile) => {
    const [one, other] = [a, b].map((order) => at(doc, variable, { ...place, order, quantile }))
    return one == null || other == null ? [] : [{ quantile, value: one - other }]
  })
  const central = found.find((each) => each.quantile === 'central')?.value
  if (central === undefined) return null
  const values = found.map((each) => each.value)
  return values.length < 3 ? { central, low: null, high: null } : { central, low: Math.min(...values), high: Math.max(...values) }
}

export function differences(doc: Document, variable: string, a: number, b: number): Map<string, Estimate> {
  return new Map(
    doc.economies.flatMap((code, economy) => {
      const found = difference(doc, variable, a, b, { economy })
      return found ? [[code, found] as const] : []
    }),
  )
}
