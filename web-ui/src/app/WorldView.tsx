// The map, with what is put in or what comes out beside it.
import { useDeferredValue, useMemo } from 'react'
import { Legend } from '../map/Legend'
import { LiveMap } from '../map/LiveMap'
import { change, range } from '../numbers'
import { at, changes, type Document, estimate, isAggregate, largest } from '../result'
import { classes, colourOf } from '../scale'
import { Caveats } from '../parts/Caveats'
import { Choice } from '../parts/Choice'
import { nameOf, orderTitle, unitName, variableName } from '../text'
import { Builder } from './Builder'
import { BlocLegend } from './BlocLegend'
import { colourOfBloc, UNALIGNED } from './colours'
import { Figures } from './Figures'
import { titleOf, useLab } from './lab'
import { RankedList } from './RankedList'
import { News } from './RunBar'
import { blocOf, blocsOf, painted } from './scenario'
import { Search } from './Search'

/** Colours of a measure's changes by economy. */
function useResultFills(doc: Document | null, variable: string, scale: ReturnType<typeof classes>): ReadonlyMap<string, string> {
  return useMemo(() => {
    const fills = new Map<string, string>()
    doc?.economies.forEach((code, economy) => {
      const colour = colourOf(at(doc, variable, { order: 0, economy }), scale)
      if (colour) fills.set(code, colour)
    })
    return fills
  }, [doc, variable, scale])
}

export function WorldView() {
  const lab = useLab()
  const { state, act, text, scenario, main, stale, run } = lab
  const { language, building, variable } = state
  const doc = main.shown?.doc ?? null
  // Colours and figures come first, the words of every economy and the long list right after.
  const later = useDeferredValue(doc)
  const codes = useMemo(() => lab.world?.economies.map(({ code }) => code) ?? doc?.economies ?? [], [lab.world, doc])
  const known = useMemo(() => new Set(codes), [codes])
  const scale = useMemo(() => classes(doc ? largest(doc, variable) : 0), [doc, variable])
  const results = useResultFills(doc, variable, scale)
  const blocs = blocsOf(scenario)
  const painting = useMemo(() => {
    const places = new Map(blocsOf(scenario).map(([name], place) => [name, place]))
    return new Map(codes.map((code) => [code, colourOfPlace(places.get(blocOf(scenario, code) ?? ''))]))
  }, [scenario, codes])
  const chosen = useMemo(() => new Set([state.economy].filter(Boolean)), [state.economy])
  const measure = variableName(variable, doc?.variables[variable]?.meaning ?? '', text)
  const places = useMemo(() => new Map(later?.economies.map((code, place) => [code, place])), [later])
  const write = (value: number) => change(value, language)
  const words = (code: string) => {
    const name = nameOf(code, language, later?.names)
    if (!known.has(code)) return `${name}: ${text.noData}`
    if (building) return `${name}: ${blocOf(scenario, code) ?? text.app.unaligned}`
    const found = later && estimate(later, variable, { order: 0, economy: places.get(code) ?? -1 })
    return `${name}: ${found ? `${write(found.central)} % (${range(found, write, text)})` : text.noData}`
  }
  const paint = (picked: string[]) => {
    const [only] = picked
    const out = picked.length === 1 && only !== undefined && state.bloc !== null && blocOf(scenario, only) === state.bloc
    act({ kind: 'change', scenario: painted(scenario, picked, out ? null : state.bloc) })
  }
  const pick = (picked: string[]) => (building ? paint(picked) : act({ kind: 'look', at: { economy: picked[0] ?? '' } }))
  const place = blocs.findIndex(([name]) => name === state.bloc)
  const title = building || stale || !main.shown ? titleOf(scenario, text) : orderTitle(doc?.orders[0]?.title ?? '', language)
  const about = building ? '' : (doc?.orders[0]?.description ?? '') || (scenario.order.description ?? '')
  return (
    <div className={main.progress?.early ? 'world busy' : 'world'}>
      <section className="stage" aria-labelledby="order-title">
        <div className="titles">
          <h1 id="order-title">{title}</h1>
          {about && <p lang={text.lang === 'en' ? undefined : 'en'}>{about}</p>}
        </div>
        {doc && !building && <Figures doc={doc} />}
        <div className="tools">
          <div className="switch" role="group" aria-label={text.app.mapShows}>
            <button type="button" aria-pressed={!building} onClick={() => act({ kind: 'look', at: { building: false } })}>
              {text.app.result}
            </button>
            <button type="button" aria-pressed={building} onClick={() => act({ kind: 'look', at: { building: true } })}>
              {text.app.build}
            </button>
          </div>
          <Search codes={codes} onPick={(code) => pick([code])} />
          {!building && doc && (
            <Choice label={text.measure} value={variable} onChange={(name) => act({ kind: 'look', at: { variable: name } })}>
              {changes(doc).map((name) => (
                <option key={name} value={name}>
                  {variableName(name, doc.variables[name]?.meaning ?? name, text)}
                </option>
              ))}
            </Choice>
          )}
        </div>
        {stale && !building && (
          <p className="stale" role="status">
            {text.app.stale}{' '}
            <button type="button" className="run" onClick={() => run()}>
              {text.app.run}
            </button>
          </p>
        )}
        {!building && <News of={main} />}
        <figure className="large">
          <LiveMap
            fills={building ? painting : results}
            words={words}
            known={known}
            chosen={chosen}
            label={building ? text.app.mapOfBlocs(title) : text.mapOf(title, measure)}
            brush={building ? (place < 0 ? UNALIGNED : colourOfBloc(place)) : null}
            onPick={pick}
            text={{ closer: text.app.closer, farther: text.app.farther, whole: text.app.whole, keys: building ? text.app.paintKeys : text.app.keys }}
          />
          <figcaption>
            {building ? (
              <BlocLegend />
            ) : (
              <>
                <p className="legend-head">
                  {measure}, {unitName(doc?.variables[variable]?.units ?? 'percent', text)}
                </p>
                <Legend scale={scale} language={language} />
              </>
            )}
          </figcaption>
        </figure>
      </section>
      <section className="beside" aria-label={building ? text.app.build : text.sections.ranking}>
        {building ? (
          <Builder codes={codes.filter(isAggregate)} />
        ) : (
          doc &&
          later && (
            <>
              <h2>{text.sections.ranking}</h2>
              <p className="quiet">
                {measure}, {unitName(doc.variables[variable]?.units ?? 'percent', text)}
              </p>
              <RankedList doc={later} scale={scale} state={state} act={act} />
              <Caveats doc={doc} language={language} />
            </>
          )
        )}
      </section>
    </div>
  )
}

const colourOfPlace = (place: number | undefined): string => (place === undefined ? UNALIGNED : colourOfBloc(place))
