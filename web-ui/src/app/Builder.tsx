// What is put in: blocs with their depth, rules between them, shocks; and the way to run it.
import { nameOf, orderTitle } from '../text'
import { colourOfBloc } from './colours'
import { useLab } from './lab'
import { added } from './own'
import { Rules } from './Rules'
import { News } from './RunBar'
import { Years } from './Years'
import * as order from './scenario'

function Blocs() {
  const { scenario, state, act, text } = useLab()
  const blocs = order.blocsOf(scenario)
  const change = (next: order.Scenario, bloc?: string | null) => act({ kind: 'change', scenario: next, ...(bloc === undefined ? {} : { bloc }) })
  return (
    <fieldset className="blocs">
      <legend>{text.app.blocs}</legend>
      <p className="quiet">{blocs.length ? text.app.paintHint : text.app.noBlocs}</p>
      {blocs.map(([name, bloc], place) => (
        <div key={name} className={name === state.bloc ? 'bloc chosen' : 'bloc'}>
          <label className="brush">
            <input type="radio" name="brush" checked={name === state.bloc} onChange={() => act({ kind: 'look', at: { bloc: name } })} />
            <span className="swatch" style={{ background: colourOfBloc(place) }} />
            <span className="sr">{text.app.paintInto(name)}</span>
          </label>
          <input
            type="text"
            aria-label={text.app.blocName}
            defaultValue={name}
            maxLength={40}
            onBlur={(event) => {
              const renamed = order.renamed(scenario, name, event.target.value)
              const now = order.blocsOf(renamed)[place]?.[0] ?? name
              event.target.value = now
              if (renamed !== scenario) change(renamed, state.bloc === name ? now : state.bloc)
            }}
            onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
          />
          <button type="button" className="less" aria-label={text.app.removeBloc(name)} title={text.app.removeBloc(name)} onClick={() => change(order.withoutBloc(scenario, name))}>
            ×
          </button>
          <select aria-label={text.app.depthOf(name)} value={bloc.depth} onChange={(event) => change(order.deepened(scenario, name, Number(event.target.value)))}>
            {text.app.depths.map((words, depth) => (
              <option key={words} value={depth}>
                {depth} {words}
              </option>
            ))}
          </select>
          <span className="count quiet">{text.app.members(bloc.members.length)}</span>
          {bloc.depth >= 3 && (
            <label className="check common">
              <input
                type="checkbox"
                checked={order.hasCommonTariff(bloc)}
                onChange={(event) => change(order.withTariff(scenario, name, event.target.checked ? 'common' : 'own'))}
              />
              {text.app.commonTariff}
            </label>
          )}
        </div>
      ))}
      <div className="row">
        <button
          type="button"
          disabled={blocs.length >= order.MOST_BLOCS}
          onClick={() => {
            const [next, name] = order.withBloc(scenario)
            change(next, name)
          }}
        >
          {text.app.addBloc}
        </button>
      </div>
    </fieldset>
  )
}

/** Members of a customs union that stand apart: they stay in it unless the order lets them leave. */
function Partings() {
  const { scenario, world, state, act, text } = useLab()
  const found = order.partings(scenario, world?.unions ?? [])
  const { leave = {} } = scenario.order
  const names = (codes: string[]) => codes.map((code) => nameOf(code, state.language)).join(', ')
  if (!Object.keys(found).length && !Object.keys(leave).length) return null
  return (
    <fieldset>
      <legend>{text.app.customsUnions}</legend>
      {Object.entries(leave).map(([union, codes]) => (
        <p key={union}>{text.app.leaves(union, names(codes))}</p>
      ))}
      {Object.entries(found).map(([union, codes]) => (
        <p key={union}>
          {text.app.apart(union, names(codes))}{' '}
          <button type="button" onClick={() => act({ kind: 'change', scenario: order.parted(scenario, { [union]: codes }) })}>
            {text.app.letLeave}
          </button>
        </p>
      ))}
    </fieldset>
  )
}

/** Rests of regions have no shape of their own; they are put into blocs from a list. */
function Aggregates({ codes }: { codes: string[] }) {
  const { scenario, state, act, text } = useLab()
  if (!codes.length || state.bloc === null) return null
  const bloc = state.bloc
  return (
    <details>
      <summary>{text.app.withoutShape}</summary>
      {codes.map((code) => {
        const inside = order.blocOf(scenario, code) === bloc
        return (
          <label key={code} className="check">
            <input type="checkbox" checked={inside} onChange={() => act({ kind: 'change', scenario: order.painted(scenario, [code], inside ? null : bloc) })} />
            {nameOf(code, state.language)}
          </label>
        )
      })}
    </details>
  )
}

function Shocks() {
  const { scenario, act, shocks, text } = useLab()
  if (!shocks.length) return null
  const toggled = (name: string) =>
    scenario.shocks.includes(name) ? scenario.shocks.filter((each) => each !== name) : [...scenario.shocks, name]
  return (
    <details open={scenario.shocks.length > 0}>
      <summary>
        {text.app.shocks} {scenario.shocks.length > 0 && `(${scenario.shocks.length})`}
      </summary>
      <p className="quiet">{text.app.shocksHint}</p>
      {shocks.map((shock) => (
        <label key={shock.name} className="check" title={shock.note}>
          <input
            type="checkbox"
            checked={scenario.shocks.includes(shock.name)}
            onChange={() => act({ kind: 'change', scenario: order.shocked(scenario, toggled(shock.name)) })}
          />
          <span>{text.app.shockNames[shock.name] ?? shock.title}</span>
        </label>
      ))}
      {shocks.some((shock) => shock.chance && scenario.shocks.includes(shock.name)) && <Years />}
    </details>
  )
}

export function Builder({ codes }: { codes: string[] }) {
  const { scenario, state, act, text, main, run, own, keep } = useLab()
  const { past, future } = state.history
  const title = scenario.order.title && orderTitle(scenario.order.title, text.lang)
  const note = scenario.order.note ?? ''
  return (
    <form
      className="builder"
      aria-label={text.app.build}
      onSubmit={(event) => {
        event.preventDefault()
        run()
      }}
    >
      <div className="row runs">
        <button type="submit" className="run" title="Ctrl+Enter">
          {text.app.run}
        </button>
        <button type="button" disabled={!past.length} title="Ctrl+Z" onClick={() => act({ kind: 'undo' })}>
          {text.app.undo}
        </button>
        <button type="button" disabled={!future.length} title="Ctrl+Shift+Z" onClick={() => act({ kind: 'redo' })}>
          {text.app.redo}
        </button>
        <button type="button" onClick={() => act({ kind: 'change', scenario: order.EMPTY, bloc: null })}>
          {text.app.fresh}
        </button>
        <button type="button" disabled={scenario.preset !== null} onClick={() => keep(added(own, scenario))}>
          {text.app.keep}
        </button>
      </div>
      <News of={main} />
      <label className="field">
        {text.app.titleOf}
        <input
          type="text"
          key={title}
          defaultValue={title}
          placeholder={text.app.untitled}
          maxLength={order.LONGEST_TITLE}
          onBlur={(event) => event.target.value !== title && act({ kind: 'change', scenario: order.entitled(scenario, event.target.value) })}
        />
      </label>
      <Blocs />
      <Aggregates codes={codes} />
      <Partings />
      <Rules />
      <Shocks />
      <label className="field">
        {text.app.note}
        <textarea
          rows={3}
          key={note}
          defaultValue={note}
          maxLength={Math.max(order.LONGEST_NOTE, note.length)}
          onBlur={(event) => event.target.value !== note && act({ kind: 'change', scenario: order.noted(scenario, event.target.value) })}
        />
      </label>
    </form>
  )
}
