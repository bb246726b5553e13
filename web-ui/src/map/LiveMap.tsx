// The map to work on: choose or paint economies by mouse, touch and keys, and look closer.
import { type KeyboardEvent, memo, type PointerEvent, useId, useRef, useState } from 'react'
import { neighbour, type Way } from './neighbour'
import { HEIGHT, SHAPES, type Shape, WIDTH } from './shapes'

const WAYS: Record<string, Way> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' }
const CLOSEST = 12
const STEP = 1.6

type Frame = { scale: number; x: number; y: number }
const WHOLE: Frame = { scale: 1, x: WIDTH / 2, y: HEIGHT / 2 }

const within = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)

function framed(scale: number, x: number, y: number): Frame {
  const [w, h] = [WIDTH / scale / 2, HEIGHT / scale / 2]
  return { scale, x: within(x, w, WIDTH - w), y: within(y, h, HEIGHT - h) }
}

/** Dots lie above shapes. */
const SORTED = [...SHAPES].sort((a, b) => Number(a.dot !== null) - Number(b.dot !== null))

type MarkProps = { id: string; shape: Shape; scale: number; fill: string; state: '' | 'cursor' | 'chosen'; known: boolean; said: string }

/** One country; drawn again only where something about it changes. */
const Mark = memo(function Mark({ id, shape: { code, dot }, scale, fill, state, known, said }: MarkProps) {
  const own = { fill, className: state || undefined }
  return (
    <g
      id={id}
      data-code={code}
      role={known ? 'option' : 'presentation'}
      aria-selected={known ? state === 'chosen' : undefined}
      aria-label={known ? said : undefined}
    >
      {dot ? (
        <>
          <circle cx={dot[0]} cy={dot[1]} r={7 / scale ** 0.7} className="reach" />
          <circle cx={dot[0]} cy={dot[1]} r={3.1 / Math.sqrt(scale)} {...own} />
        </>
      ) : (
        <use href={`#shape-${code}`} {...own} />
      )}
      <title>{said}</title>
    </g>
  )
})

type Props = {
  /** Colours by code; economies without one are hatched. */
  fills: ReadonlyMap<string, string>
  /** What an economy is called, and what its colour says. */
  words: (code: string) => string
  known: ReadonlySet<string>
  chosen: ReadonlySet<string>
  label: string
  /** The colour that a stroke leaves, while painting. */
  brush: string | null
  onPick: (codes: string[]) => void
  text: { closer: string; farther: string; whole: string; keys: string }
}

export function LiveMap({ fills, words, known, chosen, label, brush, onPick, text }: Props) {
  const id = useId()
  const svg = useRef<SVGSVGElement>(null)
  const [frame, setFrame] = useState(WHOLE)
  const [cursor, setCursor] = useState<string | null>(null)
  const [stroke, setStroke] = useState<ReadonlySet<string> | null>(null)
  const drag = useRef<{ x: number; y: number; from: Frame; moved: boolean } | null>(null)

  const under = (event: PointerEvent) => {
    const code = document.elementFromPoint(event.clientX, event.clientY)?.closest<SVGElement>('[data-code]')?.dataset['code']
    return code !== undefined && known.has(code) ? code : null
  }
  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    const code = under(event)
    drag.current = { x: event.clientX, y: event.clientY, from: frame, moved: false }
    if (brush !== null && code !== null) {
      svg.current?.setPointerCapture(event.pointerId)
      setStroke(new Set([code]))
    }
  }
  const move = (event: PointerEvent) => {
    const start = drag.current
    if (!start) return
    if (stroke) {
      const code = under(event)
      if (code !== null && !stroke.has(code)) setStroke(new Set([...stroke, code]))
    } else if (frame.scale > 1 && (brush === null || event.pointerType === 'mouse')) {
      const unit = WIDTH / start.from.scale / (svg.current?.clientWidth || WIDTH)
      const [dx, dy] = [event.clientX - start.x, event.clientY - start.y]
      start.moved ||= Math.hypot(dx, dy) > 4
      if (start.moved) setFrame(framed(start.from.scale, start.from.x - dx * unit, start.from.y - dy * unit))
    }
  }
  const up = (event: PointerEvent) => {
    const start = drag.current
    drag.current = null
    if (stroke) {
      onPick([...stroke])
      setStroke(null)
      return
    }
    const code = under(event)
    if (start && !start.moved && code !== null) onPick([code])
  }
  const left = () => {
    drag.current = null
    setStroke(null)
  }

  const closer = (by: number, at: Frame = frame) => setFrame(framed(within(at.scale * by, 1, CLOSEST), at.x, at.y))
  const show = (code: string) => {
    const shape = SHAPES.find((each) => each.code === code)
    setCursor(code)
    if (shape && frame.scale > 1) setFrame(framed(frame.scale, ...shape.centre))
  }
  const key = (event: KeyboardEvent) => {
    const way = WAYS[event.key]
    if (way) {
      const next = neighbour(cursor ?? [...chosen][0] ?? null, way, known)
      if (next) show(next)
    } else if ((event.key === 'Enter' || event.key === ' ') && cursor) onPick([cursor])
    else if (event.key === '+' || event.key === '=') closer(STEP)
    else if (event.key === '-') closer(1 / STEP)
    else return
    event.preventDefault()
  }

  const marks = SORTED.map((shape) => (
    <Mark
      key={shape.code}
      id={`${id}-${shape.code}`}
      shape={shape}
      scale={shape.dot ? frame.scale : 1}
      fill={(stroke?.has(shape.code) ? brush : fills.get(shape.code)) ?? 'url(#hatch)'}
      state={shape.code === cursor ? 'cursor' : chosen.has(shape.code) ? 'chosen' : ''}
      known={known.has(shape.code)}
      said={words(shape.code)}
    />
  ))
  const mark = cursor ?? [...chosen][0]
  const top = mark === undefined ? undefined : SHAPES.find((shape) => shape.code === mark && shape.dot === null)
  const [w, h] = [WIDTH / frame.scale, HEIGHT / frame.scale]
  return (
    <div className={`live ${brush === null ? '' : 'painting'}`}>
      <svg
        ref={svg}
        className="map"
        viewBox={`${frame.x - w / 2} ${frame.y - h / 2} ${w} ${h}`}
        role="listbox"
        aria-multiselectable={brush !== null}
        aria-label={`${label}. ${text.keys}`}
        aria-activedescendant={cursor ? `${id}-${cursor}` : undefined}
        tabIndex={0}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={left}
        onKeyDown={key}
        onFocus={() => setCursor((before) => before ?? [...chosen][0] ?? null)}
        onBlur={() => setCursor(null)}
      >
        {marks}
        {top && (
          <g role="presentation" aria-hidden="true" pointerEvents="none">
            <use href={`#shape-${top.code}`} fill="none" className={cursor ? 'cursor' : 'chosen'} />
          </g>
        )}
      </svg>
      <div className="closer">
        <button type="button" aria-label={text.closer} title={text.closer} onClick={() => closer(STEP)}>
          +
        </button>
        <button type="button" aria-label={text.farther} title={text.farther} disabled={frame.scale === 1} onClick={() => closer(1 / STEP)}>
          −
        </button>
        <button type="button" aria-label={text.whole} title={text.whole} disabled={frame.scale === 1} onClick={() => setFrame(WHOLE)}>
          ○
        </button>
      </div>
    </div>
  )
}
