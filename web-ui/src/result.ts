// The numbers of a result as the Python side writes them, and the one way to look them up.

export type Nested = number | null | Nested[]

export type Variable = { units: string; meaning: string; dims: string[]; values: Nested }

export type OrderText = { name: string; title: string; description: string; note: string }

export type Solve = {
  quantile: string
  theta_factor: number
  status: number
  message: string
  iterations: number
  residual: number
  variant: string
}

export type Provenance = {
  order: string
  order_title: string
  order_hash: string
  data_hash: string
  world_source: string
  world_year: number | null
  theta_source: string
  deficits: string
  seed: number | null
  versions: Record<string, string>
  notes: string[]
  solves: Solve[]
  draws: number
  parameter_draws?: number
  citation: string
}

export type Document = {
  format: number
  hash: string
  economies: string[]
  names: Record<string, string>
  orders: OrderText[]
  labels: Record<string, string[]>
  variables: Record<string, Variable>
  /** For each order and economy, the partners that matter most: place among economies, log points x 100. */
  partners: [number, number][][][] | null
  /** The same for sectors: place among the labels of `sector`. */
  sectors: [number, number][][][] | null
  provenance: Provenance[]
  failed: Record<string, string>
  /** Orders in which economies that no longer trade keep their surplus. */
  transfers_ended?: string[]
  left_out: string[]
}

export type Place = { order?: number; economy?: number; quantile?: string } & Record<string, number | string | undefined>

/** A number with its range; `low` and `high` are null for a point estimate. */
export type Estimate = { central: number; low: number | null; high: number | null }

export const FORMAT = 1

export function readDocument(text: string | null | undefined): Document | null {
  if (!text) return null
  const found: unknown = JSON.parse(text)
  if (typeof found !== 'object' || found === null) return null
  const format = (found as { format?: unknown }).format
  if (format !== FORMAT) throw new Error(`the numbers have format ${String(format)}, this page reads ${FORMAT}`)
  return found as Document
}

/** The number at a place; the central one on axes that the place does not name; null where there is none. */
export function at(doc: Document, name: string, place: Place): number | null {
  const variable = doc.variables[name]
  if (!variable) return null
  let values: Nested | undefined = variable.values
  for (const dim of variable.dims) {
    if (!Array.isArray(values)) return null
    const wanted = place[dim] ?? 'central'
    const index = typeof wanted === 'number' ? wanted : (doc.labels[dim] ?? []).indexOf(wanted)
    values = index < 0 ? null : values[index]
  }
  return typeof values === 'number' ? values : null
}

/** Ends of a variable's range: over draws where there are some, else over elasticities, or the band of assumptions on shocks. */
const DRAWN: [string, string] = ['p05', 'p95']
export const RANGE = '_range'

const ENDS: Record<string, [string, string]> = { quantile: ['low_theta', 'high_theta'], band: ['least', 'most'] }

export function estimate(doc: Document, name: string, place: Place): Estimate | null {
  const central = at(doc, name, place)
  if (central === null) return null
  if (`${name}${RANGE}` in doc.variables) {
    const [low, high] = DRAWN.map((level) => at(doc, `${name}${RANGE}`, { ...place, level }))
    if (low != null && high != null) return { central, low, high }
  }
  const axis = doc.variables[name]?.dims.find((dim) => dim in ENDS)
  const ends = axis === undefined ? undefined : ENDS[axis]
  if (axis === undefined || ends === undefined) return { central, low: null, high: null }
  const [one, other] = ends.map((end) => at(doc, name, { ...place, [axis]: end }))
  if (one == null || other == null) return { central, low: null, high: null }
  return { central, low: Math.min(one, other, central), high: Math.max(one, other, central) }
}

/** Changes in percent by economy and order: what a map can show on a diverging scale. */
export function changes(doc: Document): string[] {
  return Object.entries(doc.variables)
    .filter(([, v]) => v.units === 'percent' && v.meaning.startsWith('change of') && sameDims(v.dims))
    .map(([name]) => name)
}

function sameDims(dims: string[]): boolean {
  return dims.length === 3 && ['order', 'economy', 'quantile'].every((dim) => dims.includes(dim))
}

export function isAggregate(code: string): boolean {
  return /^ROW(_[A-Z0-9]+)*$/.test(code)
}

export type Ranked = { economy: number; code: string; estimate: Estimate }

/** Economies that have a number, from the largest loss to the largest gain. */
export function ranking(doc: Document, name: string, order: number): Ranked[] {
  return doc.economies
    .flatMap((code, economy) => {
      const found = estimate(doc, name, { order, economy })
      return found ? [{ economy, code, estimate: found }] : []
    })
    .sort((a, b) => a.estimate.central - b.estimate.central)
}

/** The largest change of a variable under any order: the scale has room for it. */
export function largest(doc: Document, variable: string): number {
  const sizes = doc.orders.flatMap((_, order) =>
    doc.economies.map((_, economy) => Math.abs(estimate(doc, variable, { order, economy })?.central ?? 0)),
  )
  return Math.max(0, ...sizes)
}
