// Economies from the largest loss to the largest gain, narrow enough to stand beside the map.
import { memo, useEffect, useRef } from 'react'
import { change, range } from '../numbers'
import { Strip } from '../parts/Ranking'
import { type Document, ranking } from '../result'
import type { Class } from '../scale'
import { nameOf, textOf } from '../text'
import type { Lab } from './lab'
import type { State } from './state'

export const RankedList = memo(function RankedList({ doc, scale, state, act }: { doc: Document; scale: Class[]; state: State; act: Lab['act'] }) {
  const text = textOf(state.language)
  const rows = ranking(doc, state.variable, 0)
  const ends = rows.flatMap(({ estimate: { low, central, high } }) => [low ?? central, high ?? central])
  const span: [number, number] = [Math.min(0, ...ends), Math.max(0, ...ends)]
  const write = (value: number) => change(value, state.language)
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const row = box.current?.querySelector<HTMLElement>('.chosen')
    if (box.current && row) box.current.scrollTop = row.offsetTop - box.current.clientHeight / 2
  }, [state.economy, state.variable, doc])
  return (
    <div className="ranked" ref={box} role="region" aria-label={text.sections.ranking} tabIndex={0}>
      <ol>
        {rows.map(({ code, estimate }) => (
          <li key={code} className={code === state.economy ? 'chosen' : undefined}>
            <button type="button" className="plain" aria-pressed={code === state.economy} onClick={() => act({ kind: 'look', at: { economy: code } })}>
              {nameOf(code, state.language, doc.names)}
            </button>
            <span className="number">
              {write(estimate.central)}
              <small>{range(estimate, write, text)}</small>
            </span>
            <Strip of={estimate} span={span} scale={scale} />
          </li>
        ))}
      </ol>
    </div>
  )
})
