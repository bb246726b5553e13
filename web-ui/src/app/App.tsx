// The laboratory: one order open, its result, and every way to look at it.
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react'
import { MapParts } from '../map/WorldMap'
import { Choice } from '../parts/Choice'
import { textOf } from '../text'
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../text/language'
import * as api from './api'
import { type Trouble, troubleOf, useAsking } from './asking'
import { Assumptions } from './Assumptions'
import { CompareView } from './CompareView'
import { EconomyView } from './EconomyView'
import { askedFor, type Lab, LabProvider, opened } from './lab'
import { packed, writeAddress } from './link'
import { OrdersView } from './OrdersView'
import { useOwn } from './own'
import { PlaneView } from './PlaneView'
import { firstSelection } from '../parts/selection'
import { Problems } from './RunBar'
import { EMPTY, type Scenario } from './scenario'
import { SectorsView } from './SectorsView'
import { ShareView } from './ShareView'
import { DEFAULT, firstState, next, REFERENCE, type State, VIEWS, type View, YEARS } from './state'
import { Strip } from './Strip'
import { WorldChooser } from './WorldChooser'
import { WorldView } from './WorldView'

/** What an address says: where to look, and the order, by name or whole. */
export type Start = { at: Partial<State>; preset: string; scenario: Scenario | null; shocks: string[] }

const FIRST: api.Ask = { world: REFERENCE, orders: [DEFAULT] }


function usePage(start: Start, language: Language) {
  const [state, act] = useReducer(next, null, () => ({ ...firstState(language), ...start.at }))
  const [worlds, setWorlds] = useState<api.WorldListed[]>([])
  const [world, setWorld] = useState<api.WorldFacts | null>(null)
  const [presets, setPresets] = useState<api.OrderShown[]>([])
  const [shocks, setShocks] = useState<api.Shock[]>([])
  const catalogue = useRef(shocks)
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const [own, keep] = useOwn()
  const main = useAsking()
  const side = useAsking()
  const scenario = state.history.present
  const { ask, show } = main

  // Which order a question was about: what is shown may answer an earlier one.
  const asked = useRef(new WeakMap<object, Scenario>())
  const question = useCallback(
    (of: Scenario, where: string, more: Partial<api.Ask> = {}, begins?: () => void) => {
      const named = more.shocks ?? of.shocks
      const drawn = catalogue.current.some((shock) => shock.chance && named.includes(shock.name))
      const given: api.Ask = {
        world: where,
        orders: [askedFor(of)],
        ...more,
        ...(named.length ? { shocks: named } : {}),
        ...(drawn ? { security: state.years } : {}),
      }
      asked.current.set(given, of)
      void ask(given, begins)
    },
    [ask, state.years],
  )
  const run = useCallback(
    (given: Scenario = scenario) => {
      // What is built stays in sight until there are numbers: the map is drawn anew once, not twice.
      question(given, state.world, {}, () => {
        act({ kind: 'look', at: { building: false } })
        window.scrollTo(0, 0)
      })
    },
    [question, scenario, state.world],
  )
  const open = useCallback(
    (given: Scenario) => {
      act({ kind: 'open', scenario: given })
      run(given)
    },
    [run],
  )

  // Once: what the service has, and the first result.
  const begun = useRef(false)
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    const plain = !start.scenario && start.preset === DEFAULT && !start.shocks.length && state.world === REFERENCE
    const ready = plain ? api.first().then(shownFirst, () => false) : Promise.resolve(false)
    Promise.all([api.orders(state.world), api.worlds(), api.shocks()]).then(async ([orders, listed, accidents]) => {
      setPresets(orders)
      setWorlds(listed)
      setShocks(accidents)
      catalogue.current = accidents
      const preset = orders.find(({ name }) => name === start.preset) ?? orders.find(({ name }) => name === DEFAULT)
      const given = start.scenario ?? (preset ? opened(preset, start.shocks) : null)
      if (!given) return
      act({ kind: 'open', scenario: given })
      if (!(await ready)) question(given, state.world)
      else asked.current.set(FIRST, given)
    }, fail)
    function shownFirst({ id, document: doc }: api.Run): boolean {
      if (doc) show({ id, doc, ask: FIRST, point: false })
      return doc !== null
    }
    function fail(error: unknown) {
      setTrouble(troubleOf(error))
    }
  }, [])

  // A world's facts; on another world the open order is asked again.
  const last = useRef(state.world)
  useEffect(() => {
    let gone = false
    api.world(state.world).then(
      (facts) => !gone && setWorld(facts),
      (error) => !gone && setTrouble(troubleOf(error)),
    )
    if (last.current !== state.world) {
      api.orders(state.world).then((found) => !gone && setPresets(found), () => undefined)
      question(scenario, state.world)
    }
    last.current = state.world
    return () => {
      gone = true
    }
  }, [state.world])

  const addWorld = async (file: File) => {
    const facts = await api.upload(file)
    setWorlds(await api.worlds())
    act({ kind: 'look', at: { world: facts.name } })
  }

  // The economy that is looked at: the first time, the one that the result moves most.
  const doc = main.shown?.doc
  useEffect(() => {
    if (doc && !doc.economies.includes(state.economy)) act({ kind: 'look', at: { economy: mostMoved(doc) } })
  }, [doc, state.economy])

  const more = useCallback((further: Partial<api.Ask>) => question(scenario, state.world, further), [question, scenario, state.world])
  const shown = main.shown?.ask
  const answers = shown !== undefined && shown.world === state.world && asked.current.get(shown) === scenario
  const stale = shown !== undefined && !main.progress && !answers
  return { state, act, scenario, worlds, world, presets, shocks, own, keep, main, side, stale, run, more, open, addWorld, trouble }
}

function mostMoved(doc: NonNullable<ReturnType<typeof useAsking>['shown']>['doc']): string {
  return doc.economies[firstSelection(doc, 'en').economy] ?? ''
}

/** The address of what is open; written whenever it changes. */
function useAddress(state: State): string {
  const [hash, setHash] = useState('')
  const scenario = state.history.present
  useEffect(() => {
    let gone = false
    const { view, variable, economy, language, world, compared, sector, years } = state
    void (scenario.preset === null ? packed(scenario) : Promise.resolve('')).then((whole) => {
      if (gone || (scenario === EMPTY && !state.history.past.length)) return
      const address = writeAddress({
        o: scenario.preset ?? '',
        s: whole,
        k: scenario.preset === null ? '' : scenario.shocks.join('.'),
        w: world === REFERENCE ? '' : world,
        v: view === 'world' ? '' : view,
        m: variable === 'real_income' ? '' : variable,
        e: economy,
        p: sector,
        y: years === YEARS[1] ? '' : String(years),
        c: compared.join('.'),
        l: language,
      })
      window.history.replaceState(null, '', address)
      setHash(address)
    })
    return () => {
      gone = true
    }
  }, [state, scenario])
  return hash
}

function useKeys(run: () => void, act: Lab['act']) {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey)) return
      const typing = event.target instanceof HTMLElement && event.target.matches('input[type=text], textarea')
      const key = event.key.toLowerCase()
      if (key === 'enter') run()
      else if (key === 'z' && !typing) act({ kind: event.shiftKey ? 'redo' : 'undo' })
      else if (key === 'y' && !typing) act({ kind: 'redo' })
      else return
      event.preventDefault()
    }
    document.addEventListener('keydown', pressed)
    return () => document.removeEventListener('keydown', pressed)
  }, [run, act])
}

export function App({ start, language }: { start: Start; language: Language }) {
  const page = usePage(start, language)
  const { state, act, main, run, trouble } = page
  const text = textOf(state.language)
  const hash = useAddress(state)
  const [unread, setUnread] = useState<Trouble | null>(null)
  useKeys(run, act)
  useEffect(() => {
    document.documentElement.lang = text.lang
    document.title = `Ecumene · ${text.app.views[state.view]}`
  }, [text, state.view])
  const lab = useMemo<Lab>(() => ({ ...page, text }), [page, text])
  const views: Record<View, () => React.JSX.Element> = {
    world: () => <WorldView />,
    compare: () => <CompareView />,
    economy: () => <EconomyView />,
    sectors: () => <SectorsView />,
    plane: () => <PlaneView />,
    orders: () => <OrdersView />,
    share: () => <ShareView link={`${window.location.origin}${window.location.pathname}${hash}`} />,
  }
  return (
    <LabProvider value={lab}>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), document.getElementById('main')?.focus())}>
        {text.app.skip}
      </a>
      <MapParts />
      <header className="top">
        <p className="brand">
          <strong>Ecumene</strong> <span>{text.app.subtitle}</span>
        </p>
        <nav aria-label={text.contents}>
          {VIEWS.map((view) => (
            <button key={view} type="button" aria-current={state.view === view ? 'page' : undefined} onClick={() => act({ kind: 'look', at: { view } })}>
              {text.app.views[view]}
            </button>
          ))}
        </nav>
        <div className="settings">
          <WorldChooser onTrouble={setUnread} />
          <Choice label={text.language} value={state.language} onChange={(chosen) => act({ kind: 'look', at: { language: chosen as Language } })}>
            {LANGUAGES.map((each) => (
              <option key={each} value={each} lang={each}>
                {LANGUAGE_NAMES[each]}
              </option>
            ))}
          </Choice>
        </div>
      </header>
      {(state.view === 'world' || state.view === 'economy' || state.view === 'sectors' || state.view === 'plane') && <Strip />}
      <main id="main" tabIndex={-1} data-view={state.view}>
        {trouble && <Problems of={trouble} />}
        {unread && <Problems of={unread} head={text.app.notTaken} />}
        {views[state.view]()}
      </main>
      {main.shown && state.view !== 'share' && state.view !== 'orders' && <Assumptions doc={(state.view === 'compare' && page.side.shown?.doc) || main.shown.doc} />}
      <footer className="quiet">
        <p>{text.app.hypothesis}</p>
        <p>{text.borders}</p>
      </footer>
    </LabProvider>
  )
}
