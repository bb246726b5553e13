// What the reader looks at and builds: one value, and every change of it.
import type { Language } from '../text/language'
import { begun, type History, redone, stepped, undone } from './history'
import { blocsOf, EMPTY, type Scenario } from './scenario'

export const VIEWS = ['world', 'compare', 'economy', 'sectors', 'plane', 'orders', 'share'] as const
export type View = (typeof VIEWS)[number]

export const MOST_COMPARED = 4

/** The order and the world that a page begins with where its address names none. */
export const DEFAULT = 'two-blocs'
export const REFERENCE = 'reference'

/** Years of accidents to choose among; the tail is the mean of the worst in twenty. */
export const YEARS = [20, 40, 100, 200] as const

export type State = {
  history: History<Scenario>
  view: View
  /** Whether the map shows what comes out, or what is put in. */
  building: boolean
  bloc: string | null
  economy: string
  variable: string
  sector: string
  language: Language
  world: string
  /** Years of accidents that are drawn, where accidents are asked for. */
  years: number
  /** Names of orders side by side; `OWN` is the one being built. */
  compared: string[]
}

/** The order that is being built, among names of others. */
export const OWN = '~'

export type Action =
  | { kind: 'open'; scenario: Scenario }
  | { kind: 'change'; scenario: Scenario; bloc?: string | null }
  | { kind: 'undo' }
  | { kind: 'redo' }
  | { kind: 'look'; at: Partial<Omit<State, 'history'>> }
  | { kind: 'compare'; name: string }

export function firstState(language: Language): State {
  return {
    history: begun(EMPTY),
    view: 'world',
    building: false,
    bloc: null,
    economy: '',
    variable: 'real_income',
    sector: '',
    language,
    world: REFERENCE,
    years: YEARS[1],
    compared: [DEFAULT, 'open'],
  }
}

/** A bloc that is no more cannot be painted. */
function kept(state: State): State {
  const blocs = blocsOf(state.history.present).map(([name]) => name)
  return state.bloc !== null && blocs.includes(state.bloc) ? state : { ...state, bloc: blocs[0] ?? null }
}

export function next(state: State, action: Action): State {
  switch (action.kind) {
    case 'open':
      return kept({ ...state, history: stepped(state.history, action.scenario), bloc: null })
    case 'change': {
      const bloc = action.bloc === undefined ? state.bloc : action.bloc
      return kept({ ...state, history: stepped(state.history, action.scenario), bloc })
    }
    case 'undo':
      return kept({ ...state, history: undone(state.history) })
    case 'redo':
      return kept({ ...state, history: redone(state.history) })
    case 'look':
      return { ...state, ...action.at }
    case 'compare': {
      const without = state.compared.filter((name) => name !== action.name)
      if (without.length < state.compared.length) return { ...state, compared: without }
      return without.length >= MOST_COMPARED ? state : { ...state, compared: [...without, action.name] }
    }
  }
}
