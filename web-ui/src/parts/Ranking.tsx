// Economies from the largest loss to the largest gain, each with its range.
import { useState } from 'react'
import { change, range } from '../numbers'
import { type Estimate, type Ranked, ranking } from '../result'
import { type Class, colourOf } from '../scale'
import { nameOf, orderTitle, textOf, variableName } from '../text'
import { Caveats } from './Caveats'
import type { PartProps } from './selection'

const ENDS = 12

/** A point with its range on a line that all rows share. */
export function Strip({ of, span, scale }: { of: Estimate; span: [number, number]; scale: Class[] }) {
  const x = (value: number) => (200 * (value - span[0])) / (span[1] - span[0] || 1)
  const [low, high] = [x(of.low ?? of.central), x(of.high ?? of.central)]
  return (
    <svg className="strip" viewBox="-5 0 210 16" aria-hidden="true">
      <line x1={x(0)} x2={x(0)} y1={0} y2={16} stroke="#777777" />
      <line x1={low} x2={high} y1={8} y2={8} stroke="#777777" strokeWidth={4} strokeOpacity={0.6} />
      <circle cx={x(of.central)} cy={8} r={4.5} fill={colourOf(of.central, scale) ?? '#ffffff'} stroke="#222222" />
    </svg>
  )
}

export function Ranking({ doc, at, choose, scale }: PartProps & { scale: Class[] }) {
  const text = textOf(at.language)
  const [all, setAll] = useState(false)
  const rows = ranking(doc, at.variable, at.order)
  const measure = variableName(at.variable, doc.variables[at.variable]?.meaning ?? '', text)
  const ends = rows.flatMap(({ estimate: { low, central, high } }) => [low ?? central, high ?? central])
  const span: [number, number] = [Math.min(0, ...ends), Math.max(0, ...ends)]
  const write = (value: number) => change(value, at.language)
  const short = rows.length > 2 * ENDS + 1
  const row = (each: Ranked, place: number) => (
    <tr key={each.code} className={each.economy === at.economy ? 'chosen' : undefined}>
      <td className="number">{place + 1}</td>
      <th scope="row">
        <button type="button" aria-pressed={each.economy === at.economy} onClick={() => choose({ economy: each.economy })}>
          {nameOf(each.code, at.language, doc.names)}
        </button>
      </th>
      <td className="number">{write(each.estimate.central)}</td>
      <td>{range(each.estimate, write, text)}</td>
      <td className="wide">
        <Strip of={each.estimate} span={span} scale={scale} />
      </td>
    </tr>
  )
  const numbered = rows.map(row)
  const gap = (
    <tr key="gap" className="gap">
      <td colSpan={5}>…</td>
    </tr>
  )
  return (
    <section id="ranking" aria-labelledby="ranking-head">
      <h2 id="ranking-head">{text.sections.ranking}</h2>
      <table className="ranking">
        <caption>
          <strong>{orderTitle(doc.orders[at.order]?.title ?? '', at.language)}</strong>: {measure}
        </caption>
        <thead>
          <tr>
            <th scope="col" className="number">
              {text.rank}
            </th>
            <th scope="col">{text.economy}</th>
            <th scope="col" className="number">
              {text.changeHead}
            </th>
            <th scope="col">{text.rangeHead}</th>
            <td className="wide number" aria-hidden="true">
              {`${write(span[0])} … ${write(span[1])}`}
            </td>
          </tr>
        </thead>
        <tbody>{short && !all ? [...numbered.slice(0, ENDS), gap, ...numbered.slice(-ENDS)] : numbered}</tbody>
      </table>
      <Caveats doc={doc} order={at.order} language={at.language} />
      {short && (
        <p className="screen">
          <button type="button" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? text.showFew : text.showAll(rows.length)}
          </button>
        </p>
      )}
    </section>
  )
}
