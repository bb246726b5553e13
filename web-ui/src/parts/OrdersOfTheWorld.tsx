// The world's change under every order, on one scale.
import { useMemo } from 'react'
import { Ranges } from '../chart/Ranges'
import { change } from '../numbers'
import { estimate } from '../result'
import { Caveats } from './Caveats'
import { orderTitle, textOf, variableName } from '../text'
import type { PartProps } from './selection'

/** The world's number beside an economy's variable; not every variable has one. */
export function worldVariable(variable: string, known: object): string {
  return `world_${variable}` in known ? `world_${variable}` : 'world_real_income'
}

export function OrdersOfTheWorld({ doc, at }: PartProps) {
  const text = textOf(at.language)
  const variable = worldVariable(at.variable, doc.variables)
  const rows = useMemo(
    () =>
      doc.orders.flatMap((order, place) => {
        const found = estimate(doc, variable, { order: place })
        const label = orderTitle(order.title, at.language)
        return found ? [{ label, estimate: found, value: change(found.central, at.language) }] : []
      }),
    [doc, variable, at.language],
  )
  const measure = variableName(variable.slice(6), doc.variables[variable]?.meaning ?? '', text)
  const label = text.acrossOrders(text.world, measure)
  return (
    <section id="orders" aria-labelledby="orders-head">
      <h2 id="orders-head">{text.sections.orders}</h2>
      <p>{label}</p>
      <Ranges rows={rows} label={label} />
      <Caveats doc={doc} language={at.language} />
    </section>
  )
}
