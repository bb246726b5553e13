// One map: a colour for every economy that has a number, hatching where there is none.
import { memo } from 'react'
import { change } from '../numbers'
import { at, type Document } from '../result'
import { type Class, colourOf } from '../scale'
import { nameOf, textOf } from '../text'
import type { Language } from '../text/language'
import { HEIGHT, SHAPES, WIDTH } from './shapes'

const HATCH = 'hatch'

/** Paths and the hatching, once in a page; maps point to them. */
export const MapParts = memo(function MapParts() {
  return (
    <svg width="0" height="0" className="parts" aria-hidden="true" focusable="false">
      <defs>
        <pattern id={HATCH} width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="4" height="4" fill="#ffffff" />
          <rect width="1.2" height="4" fill="#8f8f8f" />
        </pattern>
        {SHAPES.map((shape) => (
          <path key={shape.code} id={`shape-${shape.code}`} d={shape.path} />
        ))}
      </defs>
    </svg>
  )
})

type Props = {
  doc: Document
  variable: string
  order: number
  scale: Class[]
  language: Language
  label: string
  selected: string
  onSelect?: (code: string) => void
}

export function WorldMap({ doc, variable, order, scale, language, label, selected, onSelect }: Props) {
  const text = textOf(language)
  const places = new Map(doc.economies.map((code, place) => [code, place]))
  const drawn = SHAPES.map((shape) => {
    const economy = places.get(shape.code)
    const value = economy === undefined ? null : at(doc, variable, { order, economy })
    return { ...shape, value, known: economy !== undefined, fill: colourOf(value, scale) ?? `url(#${HATCH})` }
  })
  const mark = (shape: (typeof drawn)[number]) => {
    const chosen = shape.code === selected
    const own = {
      fill: shape.fill,
      className: chosen ? 'chosen' : undefined,
      'data-code': shape.code,
      onClick: onSelect && shape.known ? () => onSelect(shape.code) : undefined,
    }
    const title = onSelect && (
      <title>{`${nameOf(shape.code, language, doc.names)}: ${shape.value === null ? text.noData : `${change(shape.value, language)} %`}`}</title>
    )
    return shape.dot ? (
      <circle key={shape.code} cx={shape.dot[0]} cy={shape.dot[1]} r={onSelect ? 2.8 : 3.6} {...own}>
        {title}
      </circle>
    ) : (
      <use key={shape.code} href={`#shape-${shape.code}`} {...own}>
        {title}
      </use>
    )
  }
  // Dots lie above shapes, the chosen economy above all.
  const rank = (shape: (typeof drawn)[number]) => (shape.code === selected ? 2 : shape.dot ? 1 : 0)
  const sorted = [...drawn].sort((a, b) => rank(a) - rank(b))
  return (
    <svg className="map" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {sorted.map(mark)}
    </svg>
  )
}
