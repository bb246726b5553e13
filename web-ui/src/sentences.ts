// The summary: plain sentences out of the numbers, and nothing that the numbers do not say.
import { change, range } from './numbers'
import { at, type Document, type Estimate, estimate, isAggregate, ranking, type Ranked } from './result'
import { nameOf, orderTitle, textOf } from './text'
import type { Language, Named } from './text/language'

/** Below this, in percent, a change counts as none: it would be written as 0.00. */
export const UNCHANGED = 0.005

const ALL = 'real_income'
const SUPPLIED = 'real_income_without_missing'

function worldOf(doc: Document, variable: string, order: number, language: Language, name = ''): Named | null {
  const found = estimate(doc, variable, { order })
  return found && named(found, name, language)
}

function named(of: NonNullable<ReturnType<typeof estimate>>, name: string, language: Language): Named {
  const write = (value: number) => change(value, language)
  return { name, value: write(of.central), range: range(of, write, textOf(language)) }
}

/** Economies where nobody supplies some goods under an order, at central elasticities. */
export function lackingGoods(doc: Document, order: number): number {
  return doc.economies.filter((_, economy) => (at(doc, 'missing_goods', { order, economy }) ?? 0) > 0).length
}

/** The order with the highest and the lowest real income of the world, where there are several. */
export function acrossOrders(doc: Document, language: Language): string | null {
  const rows = doc.orders.flatMap((order, n) => {
    const found = estimate(doc, `world_${ALL}`, { order: n })
    return found ? [{ found, title: orderTitle(order.title, language) }] : []
  })
  if (rows.length < 2) return null
  const sorted = rows.sort((a, b) => b.found.central - a.found.central)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) return null
  return textOf(language).best(
    named(first.found, first.title, language),
    named(last.found, last.title, language),
    rows.length,
  )
}

export function summary(doc: Document, order: number, language: Language): string[] {
  const text = textOf(language)
  const world = estimate(doc, `world_${ALL}`, { order })
  const everybody = ranking(doc, ALL, order)
  if (everybody.length && everybody.every((each) => Math.abs(each.estimate.central) < UNCHANGED)) return [text.base]
  const lacking = lackingGoods(doc, order)
  const without = worldOf(doc, `world_${SUPPLIED}`, order, language)
  const ranked = lacking ? ranking(doc, SUPPLIED, order) : everybody
  const out: string[] = []
  if (world) {
    const rises = Math.abs(world.central) < UNCHANGED ? null : world.central > 0
    const people = worldOf(doc, `world_${ALL}_by_population`, order, language)
    out.push(text.worldChange(rises, named(world, text.world, language), people))
    if (lacking && without) out.push(text.missing(lacking, change(world.central, language), without))
  }
  const losing = ranked.filter((each) => each.estimate.central <= -UNCHANGED)
  const gaining = ranked.filter((each) => each.estimate.central >= UNCHANGED)
  out.push(text.counts(losing.length, gaining.length, ranked.length - losing.length - gaining.length))
  const ends = text.extremes(
    extreme(doc, losing.find(ofOneState), language),
    extreme(doc, gaining.findLast(ofOneState), language),
  )
  return ends ? [...out, ends] : out
}

/** The three numbers that stand for an order; where goods are missing, over those that remain. */
export type Headline = { variable: string; world: Estimate | null; loser: Ranked | null; gainer: Ranked | null }

export function headline(doc: Document, order: number): Headline {
  const variable = lackingGoods(doc, order) && SUPPLIED in doc.variables ? SUPPLIED : ALL
  const ranked = ranking(doc, variable, order).filter(ofOneState)
  return {
    variable,
    world: estimate(doc, `world_${variable}`, { order }),
    loser: ranked.find((each) => each.estimate.central <= -UNCHANGED) ?? null,
    gainer: ranked.findLast((each) => each.estimate.central >= UNCHANGED) ?? null,
  }
}

/** Aggregates are many economies: an extreme that is named is one economy's. */
function ofOneState(each: Ranked): boolean {
  return !isAggregate(each.code)
}

function extreme(doc: Document, each: Ranked | undefined, language: Language): Named | null {
  return each ? named(each.estimate, nameOf(each.code, language, doc.names), language) : null
}
