// One economy: under every order, why, and every measure that the result has of it.
import { useMemo } from 'react'
import { Ranges } from '../chart/Ranges'
import { change, range, writer } from '../numbers'
import { type Document, type Estimate, estimate, RANGE } from '../result'
import { nameOf, orderTitle, textOf, unitName, variableName } from '../text'
import type { PartProps } from './selection'
import { Why } from './Why'

type Line = { key: string; name: string; unit: string; estimate: Estimate; write: (value: number) => string }

/** Every variable of an economy under an order; one by shock is a line for each shock. */
function lines(doc: Document, order: number, economy: number, language: PartProps['at']['language']): Line[] {
  const text = textOf(language)
  return Object.entries(doc.variables).flatMap(([key, variable]) => {
    if (!variable.dims.includes('economy') || variable.dims.includes('cause')) return []
    const shocks = variable.dims.includes('shock') ? (doc.labels['shock'] ?? []) : [undefined]
    return shocks.flatMap((shock) => {
      const found = estimate(doc, key, { order, economy, ...(shock === undefined ? {} : { shock }) })
      const name = variableName(key, variable.meaning, text)
      const unit = unitName(variable.units, text)
      const write = writer(variable.units, variable.meaning, language)
      const line = { key: `${key} ${shock ?? ''}`, name: shock ? `${name}: ${shock}` : name, unit, write }
      return found ? [{ ...line, estimate: found }] : []
    })
  })
}

export function CountryPage({ doc, at, waiting = false }: PartProps & { waiting?: boolean }) {
  const text = textOf(at.language)
  const name = nameOf(doc.economies[at.economy] ?? '', at.language, doc.names)
  const measure = variableName(at.variable, doc.variables[at.variable]?.meaning ?? '', text)
  const rows = useMemo(
    () =>
      doc.orders.flatMap((order, place) => {
        const found = estimate(doc, at.variable, { order: place, economy: at.economy })
        const label = orderTitle(order.title, at.language)
        return found ? [{ label, estimate: found, value: change(found.central, at.language) }] : []
      }),
    [doc, at.variable, at.economy, at.language],
  )
  const order = orderTitle(doc.orders[at.order]?.title ?? '', at.language)
  const label = text.acrossOrders(name, measure)
  return (
    <section id="country" aria-labelledby="country-head">
      <h2 id="country-head">{`${text.sections.country}: ${name}`}</h2>
      <p>{label}</p>
      <Ranges rows={rows} label={label} />
      <Why doc={doc} at={at} name={name} order={order} waiting={waiting} />
      <h3>{`${text.allMeasures}: ${name}, ${order}`}</h3>
      <div className="scroll" role="region" aria-label={text.allMeasures} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.measure}</th>
              <th scope="col" className="number" aria-label={order}>
                {order}
              </th>
              <th scope="col">{text.rangeHead}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {lines(doc, at.order, at.economy, at.language).map((line) => (
              <tr key={line.key}>
                <th scope="row">{line.name}</th>
                <td className="number">{line.write(line.estimate.central)}</td>
                <td>{range(line.estimate, line.write, text)}</td>
                <td className="quiet">{line.unit}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {`real_income${RANGE}` in doc.variables && <p className="quiet">{text.rangesHere}</p>}
    </section>
  )
}
