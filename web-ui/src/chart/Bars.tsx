// Parts of a whole as bars, in the order given.
import { barX, gridX, ruleX, text as words } from '@observablehq/plot'
import { useMemo } from 'react'
import { Chart } from './Chart'
import { colourOfChange, INK, room, tick } from './look'

export type Part = { label: string; value: number; shown: string }

export function Bars({ parts, label }: { parts: Part[]; label: string }) {
  const options = useMemo(() => {
    const data = parts.map((part) => ({ ...part, colour: colourOfChange(part.value) }))
    const end = (part: Part) => Math.max(0, part.value)
    return {
      width: 480,
      height: 44 + 22 * parts.length,
      marginLeft: room(parts.map((part) => part.label)),
      marginRight: 58,
      x: { label: null, nice: true, ticks: 4, tickFormat: tick },
      y: { label: null, domain: parts.map((part) => part.label), tickSize: 0, padding: 0.25 },
      style: { fontSize: '12.5px', color: INK, background: 'transparent' },
      marks: [
        gridX({ stroke: '#d5d5d5', strokeOpacity: 1 }),
        barX(data, { x: 'value', y: 'label', fill: 'colour' }),
        ruleX([0], { stroke: INK }),
        words(data, { x: end, y: 'label', text: 'shown', textAnchor: 'start' as const, dx: 5, fill: INK }),
      ],
    }
  }, [parts])
  return <Chart options={options} label={label} />
}
