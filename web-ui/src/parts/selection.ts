// What the reader looks at: one choice for every part of the page.
import { type Document, estimate, isAggregate } from '../result'
import { UNCHANGED } from '../sentences'
import type { Language } from '../text/language'

export type Selection = { order: number; variable: string; economy: number; language: Language }

export type PartProps = {
  doc: Document
  at: Selection
  choose: (change: Partial<Selection>) => void
}

/** The first view: the first order that changes anything, and the single economy that it moves most. */
export function firstSelection(doc: Document, language: Language): Selection {
  const size = (order: number, economy: number) =>
    isAggregate(doc.economies[economy] ?? '') ? 0 : Math.abs(estimate(doc, 'real_income', { order, economy })?.central ?? 0)
  const moved = (order: number) =>
    doc.economies.reduce((best, _, n) => (size(order, n) > size(order, best) ? n : best), 0)
  const order = Math.max(0, doc.orders.findIndex((_, n) => size(n, moved(n)) >= UNCHANGED))
  return { order, variable: 'real_income', economy: moved(order), language }
}
