// Where an economy's gain comes from: by cause, by partner and by sector.
import { useMemo } from 'react'
import { Bars } from '../chart/Bars'
import { change } from '../numbers'
import { at as numberAt, type Document } from '../result'
import { lackingGoods, UNCHANGED } from '../sentences'
import { nameOf, sectorName, textOf } from '../text'
import type { Selection } from './selection'

/** Sectors that are shown: those that matter most. */
const MOST = 8

/** `waiting`: reasons are being computed. */
type Props = { doc: Document; at: Selection; name: string; order: string; waiting: boolean }

export function Why({ doc, at, name, order, waiting }: Props) {
  const text = textOf(at.language)
  const { order: n, economy } = at
  const parts = useMemo(() => {
    const part = (label: string, value: number) => ({ label, value, shown: change(value, at.language) })
    const causes = (doc.labels['cause'] ?? []).flatMap((key) => {
      const value = numberAt(doc, 'gain_by_cause', { order: n, economy, cause: key })
      return value === null || Math.abs(value) < UNCHANGED ? [] : [part(text.parts[key] ?? key, value)]
    })
    const listed = (all: [number, number][][][] | null, name: (place: number) => string) =>
      (all?.[n]?.[economy] ?? []).map(([place, value]) => part(name(place), value))
    const partner = (place: number) =>
      place === economy ? text.ownEconomy : nameOf(doc.economies[place] ?? '', at.language, doc.names)
    return {
      cause: causes,
      partner: listed(doc.partners, partner),
      sector: listed(doc.sectors, (place) => sectorName(doc.labels['sector']?.[place] ?? '', text))
        .filter(({ value }) => Math.abs(value) >= UNCHANGED)
        .slice(0, MOST),
    }
  }, [doc, n, economy, at.language, text])
  if (!('gain_by_cause' in doc.variables)) {
    return (
      <>
        <h3>{text.why}</h3>
        <p>{waiting ? text.app.waiting : text.whyMissing}</p>
      </>
    )
  }
  const sum = (doc.labels['cause'] ?? []).reduce(
    (total, cause) => total + (numberAt(doc, 'gain_by_cause', { order: n, economy, cause }) ?? 0),
    0,
  )
  const panels = [
    { head: text.byPart, of: parts.cause },
    { head: text.byPartner, of: parts.partner },
    { head: text.bySector, of: parts.sector },
  ]
  return (
    <>
      <h3>{`${text.why}: ${name}, ${order}`}</h3>
      {parts.cause.length === 0 ? (
        <p>{text.noWhy}</p>
      ) : (
        <>
          <p>{text.whyLead(name, order, change(sum, at.language))}</p>
          {lackingGoods(doc, n) > 0 && (numberAt(doc, 'missing_goods', { order: n, economy }) ?? 0) > 0 && (
            <p>{text.whyGoods}</p>
          )}
          <div className="reasons">
            {panels.map(
              ({ head, of }) =>
                of.length > 0 && (
                  <figure key={head}>
                    <figcaption>{head}</figcaption>
                    <Bars parts={of} label={`${head}: ${name}, ${order}, ${text.logPoints}`} />
                  </figure>
                ),
            )}
          </div>
        </>
      )}
    </>
  )
}
