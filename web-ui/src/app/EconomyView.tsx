// One economy: five measures, where it stands, and why.
import { useMemo, useState } from 'react'
import { change, range, writer } from '../numbers'
import { CountryPage } from '../parts/CountryPage'
import { type Document, type Estimate, estimate } from '../result'
import { nameOf, unitName } from '../text'
import { difference } from './difference'
import { askedFor, useLab } from './lab'
import { useAsking } from './asking'
import { News } from './RunBar'
import { Search } from './Search'
import { homeOf, without } from './scenario'

type Measure = { key: string; value: Estimate | null; unit: string; write: (value: number) => string; about: string }

/** The first of some variables that a result has for an economy. */
function firstOf(doc: Document, names: string[], economy: number): { name: string; found: Estimate; shock: string } | null {
  for (const name of names) {
    const shocks = doc.variables[name]?.dims.includes('shock') ? (doc.labels['shock'] ?? []) : ['']
    for (const shock of shocks) {
      const found = estimate(doc, name, { order: 0, economy, ...(shock ? { shock } : {}) })
      if (found) return { name, found, shock }
    }
  }
  return null
}

const VARIABLES = {
  prosperity: ['real_income'],
  security: ['expected_shortfall', 'expected_loss', 'shock_loss'],
  sovereignty: ['reliance_value_added'],
  equality: ['spread_of_gains'],
} as const

function Five({ doc, economy, code }: { doc: Document; economy: number; code: string }) {
  const { state, text, scenario, world, main, stale, more } = useLab()
  const leaving = useAsking()
  const { language } = state
  const measures = Object.entries(VARIABLES).map(([key, names]): Measure => {
    const found = firstOf(doc, [...names], economy)
    const variable = found && doc.variables[found.name]
    const shock = found?.shock ? ` (${text.app.shockNames[found.shock] ?? found.shock})` : ''
    return {
      key,
      value: found?.found ?? null,
      unit: unitName(variable?.units ?? '', text),
      write: variable ? writer(variable.units, variable.meaning, language) : String,
      about: (text.app.fiveAbout[key] ?? '') + shock,
    }
  })
  const home = homeOf(scenario, code, world?.unions ?? [])
  const leaver = without(scenario, code, world?.unions ?? [])
  const left = leaving.shown?.doc
  const answer = left && left.orders[1]?.name === leaver?.order.name ? left : undefined
  const gain = answer && difference(answer, 'real_income', 1, 0, { economy: answer.economies.indexOf(code) })
  // Where players choose tariffs, the run itself says what each could still gain by another.
  const still = estimate(doc, 'best_answer_gain', { order: 0, economy })
  const stability = still ?? gain ?? null
  const missing = measures.some((measure) => measure.value === null)
  const all = () => more({ sovereignty: true, also: ['groups'], shocks: scenario.shocks.length ? scenario.shocks : ['pandemic'] })
  const leave = () => {
    if (world && leaver) void leaving.ask({ world: world.name, orders: [askedFor(scenario), { order: leaver.order }] })
  }
  return (
    <>
      <dl className="five">
        {measures.map(({ key, value, unit, write, about }) => (
          <div key={key}>
            <dt>{text.app.five[key]}</dt>
            <dd>
              <span className="amount">{value ? write(value.central) : '–'}</span> {value && <span className="quiet">{unit}</span>}
              <span className="quiet">{value ? range(value, write, text) : text.app.notComputed}</span>
            </dd>
            <dd className="about">{about}</dd>
          </div>
        ))}
        <div>
          <dt>{text.app.five['stability']}</dt>
          <dd>
            <span className="amount">{stability ? change(stability.central, language) : '–'}</span>{' '}
            {stability && <span className="quiet">{still ? text.logPoints : text.app.percentPoints}</span>}
            <span className="quiet">
              {stability ? range(stability, (value) => change(value, language), text) : home === null ? text.app.noBloc : text.app.notComputed}
              {gain && !still && home !== null && `, ${text.app.leftAlone(home.name)}`}
            </span>
          </dd>
          <dd className="about">{still ? text.app.byTariffs : text.app.fiveAbout['stability']}</dd>
          {home !== null && !stability && (
            <dd>
              <button type="button" disabled={leaving.progress !== null} onClick={leave}>
                {text.app.leave(home.name)}
              </button>
            </dd>
          )}
        </div>
      </dl>
      {missing && !stale && !main.progress && (
        <p className="row">
          <button type="button" onClick={all}>
            {text.app.computeFive}
          </button>
        </p>
      )}
      <News of={main} />
      <News of={leaving} />
    </>
  )
}

export function EconomyView() {
  const { state, act, text, main, side } = useLab()
  const [wide, setWide] = useState(false)
  const doc = main.shown?.doc ?? null
  const codes = useMemo(() => doc?.economies ?? [], [doc])
  if (!doc) return <News of={main} />
  const economy = Math.max(0, doc.economies.indexOf(state.economy))
  const code = doc.economies[economy] ?? ''
  const several = side.shown?.doc
  const shown = wide && several && several.economies.includes(code) ? several : doc
  const at = { order: 0, variable: state.variable, economy: shown.economies.indexOf(code), language: state.language }
  const choose = () => undefined
  return (
    <>
      <h1>{nameOf(code, state.language, doc.names)}</h1>
      <div className="tools">
        <Search codes={codes} onPick={(economy) => act({ kind: 'look', at: { economy } })} />
        {several && (
          <label className="check">
            <input type="checkbox" checked={wide} onChange={() => setWide(!wide)} />
            {text.app.withCompared}
          </label>
        )}
      </div>
      <Five key={`${code} ${doc.hash}`} doc={doc} economy={economy} code={code} />
      <CountryPage doc={shown} at={at} choose={choose} waiting={main.progress !== null} />
    </>
  )
}
