// The gallery: presets, the reader's own orders, and any file dropped in.
import { type DragEvent, useState } from 'react'
import { check } from './api'
import { type Trouble, troubleOf } from './asking'
import { opened, titleOf, useLab } from './lab'
import { added } from './own'
import { Problems } from './RunBar'
import { type Scenario, slug } from './scenario'
import { REFERENCE } from './state'

/** Characters of an order's file that the service takes. */
const LARGEST = 50_000

function Card({ scenario, name, onRemove }: { scenario: Scenario; name: string; onRemove?: () => void }) {
  const { text, state, act, open, own, keep, presets } = useLab()
  const title = titleOf(scenario, text)
  const compared = state.compared.includes(name)
  const english = text.lang === 'en' ? undefined : 'en'
  const copy = () => {
    const taken = new Set([...presets.map((each) => each.name), ...own.map((each) => each.order.name)])
    const plain = slug(`my-${scenario.order.name}`, 'mine')
    const free = [plain, ...Array.from({ length: 50 }, (_, n) => `${plain}-${n + 2}`)].find((each) => !taken.has(each)) ?? plain
    const mine: Scenario = { ...scenario, preset: null, order: { ...scenario.order, name: free, title: text.app.copyOf(title) } }
    keep(added(own, mine))
    open(mine)
    act({ kind: 'look', at: { view: 'world', building: true } })
  }
  const { description, note } = scenario.order
  return (
    <li className="card">
      <h3>{title}</h3>
      {description && <p lang={english}>{description}</p>}
      {note && (
        <details>
          <summary>{text.app.authorsNote}</summary>
          <p className="quiet" lang={english}>
            {note}
          </p>
        </details>
      )}
      <p className="row">
        <button
          type="button"
          onClick={() => {
            open(scenario)
            act({ kind: 'look', at: { view: 'world', building: false } })
          }}
        >
          {text.app.openIt}
        </button>
        <button type="button" onClick={copy}>
          {text.app.copyIt}
        </button>
        <button type="button" aria-pressed={compared} onClick={() => act({ kind: 'compare', name })}>
          {text.app.compare}
        </button>
        {onRemove && (
          <button type="button" onClick={onRemove}>
            {text.app.remove}
          </button>
        )}
      </p>
    </li>
  )
}

export function OrdersView() {
  const { text, world, presets, own, keep, state, act } = useLab()
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const [over, setOver] = useState(false)
  const take = async (files: Iterable<File>) => {
    setTrouble(null)
    let list = own
    try {
      for (const file of files) {
        if (file.size > LARGEST) throw new Error(text.app.tooLarge(file.name))
        const found = await check(world?.name ?? REFERENCE, { yaml: await file.text() })
        const taken = presets.some((preset) => preset.name === found.name)
        const scenario = opened(found)
        const order = { ...scenario.order, name: taken ? slug(`my-${found.name}`, 'mine') : found.name }
        list = added(list, { preset: null, order, shocks: [] })
      }
      keep(list)
    } catch (error) {
      setTrouble(troubleOf(error))
    }
  }
  const dropped = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files)
  }
  return (
    <>
      <h1>{text.app.views.orders}</h1>
      <p>{text.app.hypothesis}</p>
      <div
        className={over ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={dropped}
      >
        <label>
          {text.app.dropOrder}{' '}
          <input type="file" accept=".yaml,.yml" multiple onChange={(event) => void take([...(event.target.files ?? [])])} />
        </label>
      </div>
      {trouble && <Problems of={trouble} head={text.app.notTaken} />}
      <h2>{text.app.ownOrders}</h2>
      {own.length === 0 && <p className="quiet">{text.app.noOwn}</p>}
      <ul className="cards">
        {own.map((scenario) => (
          <Card
            key={scenario.order.name}
            scenario={scenario}
            name={scenario.order.name}
            onRemove={() => {
              keep(own.filter((each) => each !== scenario))
              if (state.compared.includes(scenario.order.name)) act({ kind: 'compare', name: scenario.order.name })
            }}
          />
        ))}
      </ul>
      <h2>{text.app.presets}</h2>
      <ul className="cards">
        {presets.map((preset) => (
          <Card key={preset.name} scenario={opened(preset)} name={preset.name} />
        ))}
      </ul>
    </>
  )
}
