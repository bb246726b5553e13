// The presets in a row: what each does to the world, one press away.
import { memo, useEffect, useRef, useState } from 'react'
import { change } from '../numbers'
import { estimate } from '../result'
import { orderTitle } from '../text'
import * as api from './api'
import { opened, useLab } from './lab'

/** Orders whose tariffs are chosen by players take long: their number is not asked for unasked. */
const quick = (preset: api.OrderShown) => preset.order['tariff_game'] === undefined

/** The world's change under every preset, one small question after another. */
function useWorldChanges(presets: api.OrderShown[], world: string | undefined): Record<string, number> {
  const [found, setFound] = useState<Record<string, number>>({})
  useEffect(() => {
    if (!world || !presets.length) return
    const control = new AbortController()
    void (async () => {
      for (const preset of presets.filter(quick)) {
        const ask = { world, orders: [preset.name], range: false }
        const run = await api.start(ask, control.signal).catch(() => null)
        if (control.signal.aborted) return
        const doc = run?.document
        const value = doc && estimate(doc, 'world_real_income', { order: 0 })?.central
        if (value != null) setFound((before) => ({ ...before, [preset.name]: value }))
      }
    })()
    return () => control.abort()
  }, [presets, world])
  return found
}

export const Strip = memo(function Strip() {
  const { presets, world, scenario, state, text, open } = useLab()
  const changes = useWorldChanges(presets, world?.name)
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const here = row.current?.querySelector<HTMLElement>('[aria-pressed=true]')
    if (row.current && here) row.current.scrollLeft = here.offsetLeft - row.current.clientWidth / 2 + here.clientWidth / 2
  }, [scenario.preset, presets])
  return (
    <div className="presets" role="group" aria-label={text.app.presets} ref={row}>
      {presets.map((preset) => {
        const value = changes[preset.name]
        return (
          <button
            key={preset.name}
            type="button"
            aria-pressed={scenario.preset === preset.name}
            title={preset.description}
            onClick={() => open(opened(preset, scenario.shocks))}
          >
            <span>{orderTitle(preset.title, state.language)}</span>
            <small>{value === undefined ? text.app.notYet : `${text.world} ${change(value, state.language)} %`}</small>
          </button>
        )
      })}
    </div>
  )
})
