// Which world the orders meet: one of the service's, or a file of one's own.
import { useRef, useState } from 'react'
import { Choice } from '../parts/Choice'
import { type Trouble, troubleOf } from './asking'
import { useLab } from './lab'

export function WorldChooser({ onTrouble }: { onTrouble: (trouble: Trouble | null) => void }) {
  const { state, act, text, worlds, addWorld } = useLab()
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const take = async (file: File | undefined) => {
    if (!file) return
    onTrouble(null)
    setBusy(true)
    try {
      await addWorld(file)
    } catch (error) {
      onTrouble(troubleOf(error))
    } finally {
      setBusy(false)
      if (field.current) field.current.value = ''
    }
  }
  return (
    <div className="world-chooser">
      <Choice label={text.data} value={state.world} onChange={(world) => act({ kind: 'look', at: { world } })}>
        {worlds.map(({ name, title, size }) => (
          <option key={name} value={name} disabled={size === null}>
            {size ? text.app.worldOf(title, size.economies, size.sectors) : title}
          </option>
        ))}
        {!worlds.some(({ name }) => name === state.world) && <option value={state.world}>{state.world}</option>}
      </Choice>
      <input ref={field} type="file" accept=".ecm" hidden aria-label={text.app.upload} onChange={(event) => void take(event.target.files?.[0])} />
      <button type="button" disabled={busy} title={text.app.uploadHint} onClick={() => field.current?.click()}>
        {busy ? text.app.waiting : text.app.upload}
      </button>
    </div>
  )
}
