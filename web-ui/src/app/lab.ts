// Everything the parts of the page share, in one place.
import { createContext, type Dispatch, use } from 'react'
import { orderTitle } from '../text'
import type { Text } from '../text/language'
import type { Ask, Asked, OrderShown, Shock, WorldFacts, WorldListed } from './api'
import type { Asking } from './asking'
import type { OrderText, Scenario } from './scenario'
import { type Action, OWN, type State } from './state'

export type Lab = {
  state: State
  act: Dispatch<Action>
  scenario: Scenario
  text: Text
  world: WorldFacts | null
  worlds: WorldListed[]
  presets: OrderShown[]
  shocks: Shock[]
  own: Scenario[]
  keep: (list: Scenario[]) => void
  /** The result of the order that is open. */
  main: Asking
  /** The result of orders side by side. */
  side: Asking
  /** Whether the order has changed since its result. */
  stale: boolean
  run: (scenario?: Scenario) => void
  /** The open order again, with further questions. */
  more: (further: Partial<Ask>) => void
  open: (scenario: Scenario) => void
  addWorld: (file: File) => Promise<void>
}

const LabContext = createContext<Lab | null>(null)
export const LabProvider = LabContext.Provider

export function useLab(): Lab {
  const lab = use(LabContext)
  if (!lab) throw new Error('a part of the page stands outside of it')
  return lab
}

/** A preset as it is opened: its blocs with the members that they have in this world. */
export function opened(preset: OrderShown, shocks: string[] = []): Scenario {
  const members = new Map(preset.blocs.map((bloc) => [bloc.name, bloc.members]))
  const order: OrderText = { ...preset.order }
  if (order.blocs)
    order.blocs = Object.fromEntries(
      Object.entries(order.blocs).map(([name, bloc]) => [name, { ...bloc, members: members.get(name) ?? bloc.members }]),
    )
  return { preset: preset.name, order, shocks }
}

/** What is asked of the service for an order. */
export const askedFor = (scenario: Scenario): Asked => (scenario.preset === null ? { order: scenario.order } : scenario.preset)

export const titleOf = (scenario: Scenario, text: Text): string => orderTitle(scenario.order.title, text.lang)

/** An order by its name in a comparison: a preset, one's own, or the one that is open. */
export function named(lab: Pick<Lab, 'scenario' | 'presets' | 'own'>, name: string): Scenario | null {
  if (name === OWN) return lab.scenario
  const preset = lab.presets.find((each) => each.name === name)
  return preset ? opened(preset) : (lab.own.find((each) => each.order.name === name) ?? null)
}
