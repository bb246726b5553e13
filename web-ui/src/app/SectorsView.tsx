// Through which sectors real income changes: the world, one sector on the map, one economy.
import { useMemo } from 'react'
import { Bars } from '../chart/Bars'
import { Legend } from '../map/Legend'
import { LiveMap } from '../map/LiveMap'
import { change } from '../numbers'
import { Choice } from '../parts/Choice'
import { at, type Document } from '../result'
import { classes, colourOf } from '../scale'
import { nameOf, orderTitle, sectorName } from '../text'
import { useLab } from './lab'
import { News } from './RunBar'
import { Search } from './Search'

/** A sector's part of an economy's gain, log points x 100; where a result holds only the largest parts, null for others. */
export function gainThrough(doc: Document, economy: number, sector: number): number | null {
  return doc.sectors?.[0]?.[economy]?.find(([place]) => place === sector)?.[1] ?? null
}

/** A sector's part of the world's gain: means over economies by base income. */
export function worldThrough(doc: Document, sector: number): number {
  const weights = doc.economies.map((_, economy) => at(doc, 'base_income', { order: 0, economy }) ?? 0)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return doc.economies.reduce((sum, _, economy) => sum + ((weights[economy] ?? 0) * (gainThrough(doc, economy, sector) ?? 0)) / total, 0)
}

export function SectorsView() {
  const { state, act, text, main } = useLab()
  const { language } = state
  const doc = main.shown?.doc ?? null
  const sectors = useMemo(() => doc?.labels['sector'] ?? [], [doc])
  const place = Math.max(0, sectors.indexOf(state.sector))
  const values = useMemo(() => (doc ? doc.economies.map((_, economy) => gainThrough(doc, economy, place)) : []), [doc, place])
  const scale = useMemo(() => classes(Math.max(0, ...values.map((value) => Math.abs(value ?? 0)))), [values])
  const fills = useMemo(
    () => new Map(values.flatMap((value, n) => (value === null ? [] : [[doc?.economies[n] ?? '', colourOf(value, scale) ?? ''] as const]))),
    [doc, values, scale],
  )
  const known = useMemo(() => new Set(doc?.economies), [doc])
  const chosen = useMemo(() => new Set([state.economy]), [state.economy])
  const parts = (value: (sector: number) => number) =>
    sectors.map((name, n) => ({ label: sectorName(name, text), value: value(n), shown: change(value(n), language) }))
  const economy = doc ? doc.economies.indexOf(state.economy) : -1
  const world = useMemo(() => (doc ? parts((sector) => worldThrough(doc, sector)) : []), [doc, language])
  const own = useMemo(() => (doc && economy >= 0 ? parts((sector) => gainThrough(doc, economy, sector) ?? 0) : []), [doc, economy, language])
  const everybody = useMemo(
    () =>
      (doc?.economies ?? [])
        .map((code) => ({ code, called: nameOf(code, language, doc?.names) }))
        .sort((a, b) => a.called.localeCompare(b.called, language)),
    [doc, language],
  )
  if (!doc) return <News of={main} />
  if (!doc.sectors)
    return (
      <>
        <h1>{text.app.views.sectors}</h1>
        <p role="status">{main.progress ? text.app.waiting : text.app.noSectors}</p>
        <News of={main} />
      </>
    )
  const order = orderTitle(doc.orders[0]?.title ?? '', language)
  const words = (code: string) => {
    const value = values[doc.economies.indexOf(code)]
    return `${nameOf(code, language, doc.names)}: ${value == null ? text.noData : change(value, language)}`
  }
  const name = sectorName(sectors[place] ?? '', text)
  const here = nameOf(state.economy, language, doc.names)
  return (
    <>
      <h1>{`${text.app.views.sectors}: ${order}`}</h1>
      <p>{text.app.sectorsLead}</p>
      <div className="tools">
        <Choice label={text.app.sectorsOf} value={sectors[place] ?? ''} onChange={(sector) => act({ kind: 'look', at: { sector } })}>
          {sectors.map((each) => (
            <option key={each} value={each}>
              {sectorName(each, text)}
            </option>
          ))}
        </Choice>
        <Search codes={doc.economies} onPick={(code) => act({ kind: 'look', at: { economy: code } })} />
        <Choice label={text.economy} value={state.economy} onChange={(code) => act({ kind: 'look', at: { economy: code } })}>
          {everybody.map(({ code, called }) => (
            <option key={code} value={code}>
              {called}
            </option>
          ))}
        </Choice>
      </div>
      <figure className="large">
        <figcaption>
          <strong>{name}</strong>, {text.logPoints}, {text.pointEstimate}. {state.economy && words(state.economy)}
        </figcaption>
        <LiveMap
          fills={fills}
          words={words}
          known={known}
          chosen={chosen}
          label={text.mapOf(order, name)}
          brush={null}
          onPick={([code = '']) => act({ kind: 'look', at: { economy: code } })}
          text={{ closer: text.app.closer, farther: text.app.farther, whole: text.app.whole, keys: text.app.keys }}
        />
        <Legend scale={scale} language={language} />
      </figure>
      <div className="reasons">
        <figure>
          <figcaption>{text.world}</figcaption>
          <Bars parts={world} label={`${text.bySector}: ${text.world}, ${order}, ${text.logPoints}`} />
        </figure>
        {own.length > 0 && (
          <figure>
            <figcaption>{here}</figcaption>
            <Bars parts={own} label={`${text.bySector}: ${here}, ${order}, ${text.logPoints}`} />
          </figure>
        )}
      </div>
    </>
  )
}
