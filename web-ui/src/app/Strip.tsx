// The presets in a row: what each does to the world, one press away.
import { memo, useEffect, useRef, useState } from 'react'
import { change } from '../numbers'
import { estimate } from '../result'
import { orderTitle } from '../text'
import * as api from './api'
import { opened, useLab } from './lab'
import { REFERENCE } from './state'

/** Orders whose tariffs are chosen by players take long: their number is not asked for unasked. */
const quick = (preset: api.OrderShown) => preset.order['tariff_game'] === undefined

type Changes = { world: string; of: Record<string, number> }

/** The world's change under every preset: small questions one after another, while no other is about to be answered; none where they take long. */
function useWorldChanges(presets: api.OrderShown[], world: string | undefined, idle: boolean): Record<string, number> {
  const [found, setFound] = useState<Changes>({ world: '', of: {} })
  const known = useRef(found)
  known.current = found.world === world ? found : { world: world ?? '', of: {} }
  useEffect(() => {
    if (!world || !idle) return
    const control = new AbortController()
    void (async () => {
      for (const preset of presets.filter((each) => quick(each) && !(each.name in known.current.of))) {
        const run = await api.start({ world, orders: [preset.name], range: false }, control.signal).catch(() => null)
        if (control.signal.aborted || !run) return
        if (!run.document) return void api.cancel(run.id).catch(() => undefined)
        const value = estimate(run.document, 'world_real_income', { order: 0 })?.central
        if (value !== undefined) setFound(({ world: of, of: before }) => ({ world, of: { ...(of === world ? before : {}), [preset.name]: value } }))
      }
    })()
    return () => control.abort()
  }, [presets, world, idle])
  return known.current.of
}

/** Milliseconds between looks at what is computed in spare time. */
const LOOK = 2000
/** Looks without news after which nothing is expected any more. */
const LOOKS = 30

type Spared = { standing: boolean; value?: number }

/** Presets that the service computes in spare time on the reference world: how they stand, and their numbers once they are there. */
function useSpared(world: string | undefined): Record<string, Spared> {
  const [found, setFound] = useState<Record<string, Spared>>({})
  useEffect(() => {
    setFound({})
    if (world !== REFERENCE) return
    const control = new AbortController()
    let later = 0
    const look = async (left: number) => {
      const runs = await api.spare(control.signal).catch(() => null)
      if (control.signal.aborted || !runs) return
      const known = await Promise.all(
        runs.map(async ({ order, run }): Promise<[string, Spared]> => {
          if (run.state !== 'done') return [order, { standing: run.state !== 'failed' }]
          const doc = await api.documentOf(run.id, control.signal).catch(() => null)
          const value = doc ? estimate(doc, 'world_real_income', { order: 0 })?.central : undefined
          return [order, { standing: false, ...(value === undefined ? {} : { value }) }]
        }),
      )
      if (control.signal.aborted) return
      setFound(Object.fromEntries(known))
      const open = known.some(([, { standing }]) => standing)
      if (open || (!known.length && left > 0)) later = window.setTimeout(() => void look(open ? LOOKS : left - 1), LOOK)
    }
    void look(LOOKS)
    return () => {
      control.abort()
      window.clearTimeout(later)
    }
  }, [world])
  return found
}

export const Strip = memo(function Strip() {
  const { presets, world, scenario, state, text, open, main } = useLab()
  const changes = useWorldChanges(presets, world?.name, !main.progress?.soon && main.shown?.ask.world === world?.name)
  const spared = useSpared(world?.name)
  const row = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const here = row.current?.querySelector<HTMLElement>('[aria-pressed=true]')
    if (row.current && here) row.current.scrollLeft = here.offsetLeft - row.current.clientWidth / 2 + here.clientWidth / 2
  }, [scenario.preset, presets])
  return (
    <div className="presets" role="group" aria-label={text.app.presets} ref={row}>
      <p className="quiet">{text.app.stripHint}</p>
      {presets.map((preset) => {
        const value = changes[preset.name] ?? spared[preset.name]?.value
        const without = spared[preset.name]?.standing ? text.app.inTheMaking : text.app.notYet
        return (
          <button
            key={preset.name}
            type="button"
            aria-pressed={scenario.preset === preset.name}
            title={preset.description}
            onClick={() => open(opened(preset, scenario.shocks))}
          >
            <span>{orderTitle(preset.title, state.language)}</span>
            <small>{value === undefined ? without : `${text.world} ${change(value, state.language)} %`}</small>
          </button>
        )
      })}
    </div>
  )
})
