// The order that is being built: the language of orders as plain values, and every change of it as a new value.

export type Names = string[]
export type Bloc = { members: Names; depth: number; external_tariff?: 'common' | 'own' }
export type Sides = { between?: [Names, Names]; among?: Names[]; from?: Names; to?: Names }
export type Limit = Sides & { depth: number }
export type Tariff = { on: Names; from: Names; sectors?: Names; rate_percent?: number; add_points?: number; spare_depth?: number }
export type Barrier = Sides & { sectors?: Names; cost_percent?: number; closed?: true }
export type Embargo = Sides & { sectors?: Names }

/** An order as the service reads it; keys that this page has no controls for are kept as they are. */
export type OrderText = {
  name: string
  title: string
  description?: string
  note?: string
  extends?: string
  blocs?: Record<string, Bloc>
  links?: Limit[]
  limits?: Limit[]
  tariffs?: Tariff[]
  barriers?: Barrier[]
  embargoes?: Embargo[]
  leave?: Record<string, Names>
  dissolve?: Names
  [other: string]: unknown
}

/** `preset` is its name while nothing was changed. Shocks belong to the question, not to the order. */
export type Scenario = { preset: string | null; order: OrderText; shocks: string[] }

export type RuleKind = 'limits' | 'tariffs' | 'barriers' | 'embargoes'
export type Rule = Limit | Tariff | Barrier | Embargo

/** Ends the title of a preset that was changed. */
export const CHANGED = ' *'

export const MOST_BLOCS = 12
/** From this depth on a bloc may have a common tariff. */
const UNION = 3
export const LONGEST_TITLE = 80
export const LONGEST_NOTE = 400

export const EMPTY: Scenario = { preset: null, order: { name: 'mine', title: '' }, shocks: [] }

export const blocsOf = (scenario: Scenario): [string, Bloc][] => Object.entries(scenario.order.blocs ?? {})

/** The first bloc that an economy belongs to. */
export function blocOf(scenario: Scenario, code: string): string | null {
  return blocsOf(scenario).find(([, bloc]) => bloc.members.includes(code))?.[0] ?? null
}

/** A name that orders and blocs may have, out of any words. */
export function slug(words: string, otherwise: string): string {
  const plain = words
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 50)
    .replace(/-+$/, '')
  return plain || otherwise
}

/** A change makes an order one's own: it is no longer the preset that it came from. */
function changed(scenario: Scenario, order: Partial<OrderText>): Scenario {
  const { name, title } = scenario.order
  const own = scenario.preset === null ? scenario.order : { ...scenario.order, name: slug(`my-${name}`, 'mine'), title: `${title}${CHANGED}` }
  const next: OrderText = { ...own, ...order }
  for (const key of Object.keys(order)) {
    const value = next[key]
    const empty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
    if (empty && key !== 'title' && key !== 'name') delete next[key]
  }
  return { ...scenario, preset: null, order: next }
}

export function entitled(scenario: Scenario, title: string): Scenario {
  return changed(scenario, { title, name: slug(title, 'mine') })
}

export function noted(scenario: Scenario, note: string): Scenario {
  return changed(scenario, { note })
}

function withBlocs(scenario: Scenario, blocs: [string, Bloc][]): Scenario {
  return changed(scenario, { blocs: Object.fromEntries(blocs) })
}

/** Economies moved into one bloc and out of every other; null takes them out of all. */
export function painted(scenario: Scenario, codes: readonly string[], into: string | null): Scenario {
  const there = into === null ? [] : (scenario.order.blocs?.[into]?.members ?? [])
  const blocs = blocsOf(scenario)
  const elsewhere = blocs.some(([name, bloc]) => name !== into && codes.some((code) => bloc.members.includes(code)))
  if (!elsewhere && (into === null || codes.every((code) => there.includes(code)))) return scenario
  return withBlocs(
    scenario,
    blocs.map(([name, bloc]) => {
      const others = bloc.members.filter((code) => !codes.includes(code))
      return [name, { ...bloc, members: name === into ? [...others, ...codes].sort() : others }]
    }),
  )
}

export function withBloc(scenario: Scenario): [Scenario, string] {
  const taken = new Set(blocsOf(scenario).map(([name]) => name))
  const letters = 'abcdefghijklmnopqrstuvwxyz'
  const name = [...letters].map((letter) => `bloc-${letter}`).find((each) => !taken.has(each)) ?? 'bloc'
  return [withBlocs(scenario, [...blocsOf(scenario), [name, { members: [], depth: 2 }]]), name]
}

export function deepened(scenario: Scenario, name: string, depth: number): Scenario {
  return withBlocs(
    scenario,
    blocsOf(scenario).map(([each, bloc]) => {
      if (each !== name) return [each, bloc]
      const { external_tariff: said, ...rest } = bloc
      if (depth < UNION) return [each, { ...rest, depth }]
      // A bloc that becomes so deep keeps its members' tariffs until somebody wants a common one.
      const own = bloc.depth < UNION ? 'own' : said
      return [each, { ...rest, depth, ...(own ? { external_tariff: own } : {}) }]
    }),
  )
}

export const hasCommonTariff = (bloc: Bloc): boolean => bloc.depth >= UNION && bloc.external_tariff !== 'own'

export function withTariff(scenario: Scenario, name: string, external_tariff: 'common' | 'own'): Scenario {
  return withBlocs(
    scenario,
    blocsOf(scenario).map(([each, bloc]) => [each, each === name ? { ...bloc, external_tariff } : bloc]),
  )
}

export type Union = { name: string; depth: number; common_tariff: boolean; members: string[] }

/** What an economy could leave: its bloc of the order, else a customs union, else the deepest union that the order leaves it in. */
export type Home = { name: string; union: boolean }

export function homeOf(scenario: Scenario, code: string, unions: Union[]): Home | null {
  const bloc = blocOf(scenario, code)
  if (bloc !== null) return { name: bloc, union: false }
  const { leave = {}, dissolve: dissolved = [] } = scenario.order
  const [deepest] = unions
    .filter(({ name, depth, members }) => depth > 0 && members.includes(code) && !dissolved.includes(name) && !leave[name]?.includes(code))
    .sort((a, b) => Number(b.common_tariff) - Number(a.common_tariff) || b.depth - a.depth)
  return deepest ? { name: deepest.name, union: true } : null
}

/** The order in which an economy leaves its bloc or union alone, under a name of its own; null where there is none. */
export function without(scenario: Scenario, code: string, unions: Union[]): Scenario | null {
  const home = homeOf(scenario, code, unions)
  if (home === null) return null
  const left = home.union ? parted(scenario, { [home.name]: [code] }) : painted(scenario, [code], null)
  return { ...left, order: { ...left.order, name: `${scenario.order.name.slice(0, 40)}-without-${code.toLowerCase()}` } }
}

/** Customs unions whose members the order puts apart, with those who would have to leave: all but the largest part. */
export function partings(scenario: Scenario, unions: Union[]): Record<string, string[]> {
  const { leave = {}, dissolve: dissolved = [] } = scenario.order
  const found: Record<string, string[]> = {}
  for (const { name, members } of unions.filter((union) => union.common_tariff && !dissolved.includes(union.name))) {
    const left = new Set(leave[name] ?? [])
    const parts = new Map<string, string[]>()
    for (const code of members.filter((each) => !left.has(each))) {
      const bloc = blocOf(scenario, code) ?? ''
      parts.set(bloc, [...(parts.get(bloc) ?? []), code])
    }
    const [, ...smaller] = [...parts.values()].sort((a, b) => b.length - a.length)
    if (smaller.length) found[name] = smaller.flat().sort()
  }
  return found
}

/** The order in which these leave their unions, beside those who leave already. */
export function parted(scenario: Scenario, leavers: Record<string, string[]>): Scenario {
  const leave = { ...scenario.order.leave }
  for (const [name, codes] of Object.entries(leavers)) leave[name] = [...new Set([...(leave[name] ?? []), ...codes])].sort()
  return changed(scenario, { leave })
}

/** A bloc's name, wherever the order says it. */
export function renamed(scenario: Scenario, from: string, words: string): Scenario {
  const to = slug(words, from)
  if (to === from || blocsOf(scenario).some(([name]) => name === to)) return scenario
  const said = (value: unknown): unknown => {
    if (typeof value === 'string') return value === from ? to : value === `not ${from}` ? `not ${to}` : value
    if (Array.isArray(value)) return value.map(said)
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, said(each)]))
    return value
  }
  const { name, title, description, note, blocs, ...rules } = scenario.order
  const moved = blocsOf(scenario).map(([each, bloc]): [string, Bloc] => [each === from ? to : each, said(bloc) as Bloc])
  return changed(scenario, { ...(said(rules) as Partial<OrderText>), blocs: Object.fromEntries(moved) })
}

const mentions = (value: unknown, name: string): boolean =>
  typeof value === 'string'
    ? value === name || value === `not ${name}`
    : value !== null && typeof value === 'object' && Object.values(value).some((each) => mentions(each, name))

/** A bloc taken out, with every rule that names it. */
export function withoutBloc(scenario: Scenario, name: string): Scenario {
  const blocs = blocsOf(scenario).filter(([each]) => each !== name)
  const rules = (['links', 'limits', 'tariffs', 'barriers', 'embargoes'] as const).flatMap((kind) => {
    const all = scenario.order[kind] as Rule[] | undefined
    return all ? [[kind, all.filter((rule) => !mentions(rule, name))]] : []
  })
  return changed(scenario, { blocs: blocs.length ? Object.fromEntries(blocs) : undefined, ...Object.fromEntries(rules) } as Partial<OrderText>)
}

export const rulesOf = (scenario: Scenario, kind: RuleKind): Rule[] => (scenario.order[kind] as Rule[] | undefined) ?? []

export function withRules(scenario: Scenario, kind: RuleKind, rules: Rule[]): Scenario {
  return changed(scenario, { [kind]: rules })
}

/** What a new rule of a kind begins with: between the first two blocs, or one's first bloc and everybody else. */
export function newRule(kind: RuleKind, blocs: string[]): Rule {
  const [first = 'all', second = blocs.length ? 'rest' : 'all'] = blocs
  const between: [Names, Names] = [[first], [second]]
  if (kind === 'limits') return { between, depth: 0 }
  if (kind === 'tariffs') return { on: [first], from: [second], add_points: 10 }
  if (kind === 'barriers') return { between, sectors: ['services'], cost_percent: 10 }
  return { between, sectors: ['energy_extraction'] }
}

export function shocked(scenario: Scenario, shocks: string[]): Scenario {
  return { ...scenario, shocks }
}

/** Names of everything that a rule's sides mention. */
export function sidesOf(rule: Rule): Names[] {
  if ('on' in rule) return [rule.on, rule.from]
  return rule.between ?? rule.among ?? [rule.from ?? [], rule.to ?? []]
}
