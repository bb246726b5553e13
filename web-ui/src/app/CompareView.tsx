// Two to four orders on one scale, and the difference between two of them.
import { useEffect, useMemo, useState } from 'react'
import { Legend } from '../map/Legend'
import { LiveMap } from '../map/LiveMap'
import { WorldMap } from '../map/WorldMap'
import { change, range } from '../numbers'
import { Choice } from '../parts/Choice'
import { OrdersOfTheWorld, worldVariable } from '../parts/OrdersOfTheWorld'
import { changes, type Document, estimate, largest, ranking } from '../result'
import { classes, colourOf } from '../scale'
import { acrossOrders } from '../sentences'
import { nameOf, orderTitle, variableName } from '../text'
import { askedFor, named, titleOf, useLab } from './lab'
import { difference, differences } from './difference'
import { News } from './RunBar'
import { MOST_COMPARED, OWN } from './state'

function Chosen() {
  const lab = useLab()
  const { state, act, text, presets, own, scenario } = lab
  const listed = [
    ...(scenario.preset === null ? [{ name: OWN, title: text.app.open(titleOf(scenario, text)) }] : []),
    ...presets.map(({ name, title }) => ({ name, title: orderTitle(title, state.language) })),
    ...own.map((each) => ({ name: each.order.name, title: titleOf(each, text) })),
  ]
  const full = state.compared.length >= MOST_COMPARED
  return (
    <fieldset className="choices">
      <legend>{text.app.compareHint}</legend>
      {listed.map(({ name, title }) => (
        <label key={name} className="check">
          <input
            type="checkbox"
            checked={state.compared.includes(name)}
            disabled={full && !state.compared.includes(name)}
            onChange={() => act({ kind: 'compare', name })}
          />
          {title}
        </label>
      ))}
    </fieldset>
  )
}

/** The numbers of two orders against each other, on a map of their own scale. */
function Difference({ doc }: { doc: Document }) {
  const { state, act, text } = useLab()
  const { language, variable } = state
  const [pair, setPair] = useState<[number, number]>([0, 1])
  const [a, b] = pair.map((n) => Math.min(n, doc.orders.length - 1)) as [number, number]
  const found = useMemo(() => differences(doc, variable, a, b), [doc, variable, a, b])
  const scale = useMemo(() => classes(Math.max(0, ...[...found.values()].map((each) => Math.abs(each.central)))), [found])
  const fills = useMemo(() => new Map([...found].map(([code, each]) => [code, colourOf(each.central, scale) ?? ''])), [found, scale])
  const known = useMemo(() => new Set(doc.economies), [doc])
  const chosen = useMemo(() => new Set([state.economy]), [state.economy])
  const title = (n: number) => orderTitle(doc.orders[n]?.title ?? '', language)
  const write = (value: number) => change(value, language)
  const words = (code: string) => {
    const one = found.get(code)
    return `${nameOf(code, language, doc.names)}: ${one ? `${write(one.central)} (${range(one, write, text)})` : text.noData}`
  }
  const world = difference(doc, worldVariable(variable, doc.variables), a, b, {})
  const select = (label: string, value: number, place: 0 | 1) => (
    <Choice label={label} value={String(value)} onChange={(n) => setPair(place === 0 ? [Number(n), b] : [a, Number(n)])}>
      {doc.orders.map((order, n) => (
        <option key={order.name} value={n}>
          {title(n)}
        </option>
      ))}
    </Choice>
  )
  return (
    <section aria-labelledby="difference-head">
      <h2 id="difference-head">{text.app.difference}</h2>
      <div className="tools">
        {select(text.app.minuend, a, 0)}
        {select(text.app.subtrahend, b, 1)}
      </div>
      <figure className="large">
        <figcaption>
          <strong>{text.app.minus(title(a), title(b))}</strong>, {text.app.percentPoints}.{' '}
          {world && `${text.world}: ${write(world.central)} (${range(world, write, text)}). `}
          {state.economy && words(state.economy)} <span className="quiet">{text.app.rangeOfDifference}</span>
        </figcaption>
        <LiveMap
          fills={fills}
          words={words}
          known={known}
          chosen={chosen}
          label={text.app.minus(title(a), title(b))}
          brush={null}
          onPick={([economy = '']) => act({ kind: 'look', at: { economy } })}
          text={{ closer: text.app.closer, farther: text.app.farther, whole: text.app.whole, keys: text.app.keys }}
        />
        <Legend scale={scale} language={language} />
      </figure>
    </section>
  )
}

function Table({ doc }: { doc: Document }) {
  const { state, act, text } = useLab()
  const { language, variable } = state
  const write = (value: number) => change(value, language)
  const rows = ranking(doc, variable, 0)
  return (
    <div className="scroll" role="region" aria-label={text.app.sideBySide} tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">{text.economy}</th>
            {doc.orders.map((order) => (
              <th key={order.name} scope="col" className="number">
                {orderTitle(order.title, language)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ code, economy }) => (
            <tr key={code} className={code === state.economy ? 'chosen' : undefined}>
              <th scope="row">
                <button type="button" aria-pressed={code === state.economy} onClick={() => act({ kind: 'look', at: { economy: code } })}>
                  {nameOf(code, language, doc.names)}
                </button>
              </th>
              {doc.orders.map((order, n) => {
                const found = estimate(doc, variable, { order: n, economy })
                return (
                  <td key={order.name} className="number">
                    {found ? write(found.central) : text.noData}
                    {found && <small>{range(found, write, text)}</small>}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

export function CompareView() {
  const lab = useLab()
  const { state, act, text, side, presets, world } = lab
  const { language, variable } = state
  const doc = side.shown && side.shown.doc.orders.length > 1 ? side.shown.doc : null
  const scale = useMemo(() => classes(doc ? largest(doc, variable) : 0), [doc, variable])
  const compare = () => {
    const asked = state.compared.flatMap((name) => named(lab, name) ?? [])
    if (asked.length > 1 && world) void side.ask({ world: world.name, orders: asked.map(askedFor) })
  }
  const ready = presets.length > 0 && world !== null
  useEffect(() => {
    if (ready && !side.shown && !side.progress && !side.trouble && state.compared.length > 1) compare()
    // Asked once, when the view opens; afterwards by the button.
  }, [ready])
  const choose = (at: { order?: number; variable?: string; economy?: number }) => {
    if (at.economy !== undefined && doc) act({ kind: 'look', at: { economy: doc.economies[at.economy] ?? '' } })
  }
  const at = { order: 0, variable, economy: doc ? doc.economies.indexOf(state.economy) : -1, language }
  return (
    <>
      <h1>{text.app.views.compare}</h1>
      <Chosen />
      <p className="row">
        <button type="button" className="run" disabled={state.compared.length < 2} onClick={compare}>
          {text.app.compare}
        </button>
      </p>
      <News of={side} />
      {doc && (
        <>
          <div className="tools">
            <Choice label={text.measure} value={variable} onChange={(name) => act({ kind: 'look', at: { variable: name } })}>
              {changes(doc).map((name) => (
                <option key={name} value={name}>
                  {variableName(name, doc.variables[name]?.meaning ?? name, text)}
                </option>
              ))}
            </Choice>
          </div>
          <p className="lead">{acrossOrders(doc, language)}</p>
          <div className="side-by-side">
            {doc.orders.map((order, place) => {
              const title = orderTitle(order.title, language)
              const found = estimate(doc, worldVariable(variable, doc.variables), { order: place })
              const write = (value: number) => change(value, language)
              return (
                <figure key={order.name}>
                  <figcaption>
                    <strong>{title}</strong>
                    {found && ` · ${text.world} ${write(found.central)} % (${range(found, write, text)})`}
                  </figcaption>
                  <WorldMap
                    doc={doc}
                    variable={variable}
                    order={place}
                    scale={scale}
                    language={language}
                    label={text.mapOf(title, variableName(variable, '', text))}
                    selected={state.economy}
                    onSelect={(economy) => act({ kind: 'look', at: { economy } })}
                  />
                </figure>
              )
            })}
          </div>
          <Legend scale={scale} language={language} />
          <p className="quiet">{text.oneScale}</p>
          <OrdersOfTheWorld doc={doc} at={at} choose={choose} />
          <Difference doc={doc} />
          <h2>{text.app.sideBySide}</h2>
          <Table doc={doc} />
        </>
      )}
    </>
  )
}
