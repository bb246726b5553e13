// The reader's own orders, kept in this browser.
import { useEffect, useState } from 'react'
import type { Scenario } from './scenario'

const PLACE = 'ecumene.orders'

export function read(kept: string | null): Scenario[] {
  try {
    const found: unknown = JSON.parse(kept ?? '[]')
    return Array.isArray(found) ? found.filter((each) => typeof each?.order?.name === 'string' && Array.isArray(each.shocks)) : []
  } catch {
    return []
  }
}

/** An order in the list, in place of the one of the same name. */
export function added(list: Scenario[], scenario: Scenario): Scenario[] {
  return [...list.filter((each) => each.order.name !== scenario.order.name), scenario]
}

function stored(): string | null {
  try {
    return localStorage.getItem(PLACE)
  } catch {
    return null
  }
}

export function useOwn(): [Scenario[], (list: Scenario[]) => void] {
  const [list, set] = useState(() => read(stored()))
  useEffect(() => {
    try {
      localStorage.setItem(PLACE, JSON.stringify(list))
    } catch {
      // A browser that keeps nothing still shows what is open.
    }
  }, [list])
  return [list, set]
}
