// Points with their ranges, a row each; the number stands at its point.
import { dot, gridX, link, ruleX, text as words } from '@observablehq/plot'
import { useMemo } from 'react'
import type { Estimate } from '../result'
import { Chart } from './Chart'
import { colourOfChange, INK, room, tick } from './look'
import { useNarrow } from './narrow'

export type Row = { label: string; estimate: Estimate; value: string }

export function Ranges({ rows, label }: { rows: Row[]; label: string }) {
  const narrow = useNarrow()
  const options = useMemo(() => {
    const data = rows.map(({ label, estimate, value }) => ({
      label,
      value,
      central: estimate.central,
      low: estimate.low ?? estimate.central,
      high: estimate.high ?? estimate.central,
      colour: colourOfChange(estimate.central),
    }))
    return {
      width: narrow ? 420 : 760,
      height: 50 + 24 * rows.length,
      marginLeft: room(rows.map((row) => row.label)),
      marginRight: 60,
      x: { label: null, nice: true, ticks: narrow ? 4 : 10, tickFormat: tick },
      y: { label: null, domain: rows.map((row) => row.label), tickSize: 0 },
      style: { fontSize: '13px', color: INK, background: 'transparent' },
      marks: [
        gridX({ stroke: '#d5d5d5', strokeOpacity: 1 }),
        ruleX([0], { stroke: INK }),
        link(data, { x1: 'low', x2: 'high', y: 'label', stroke: 'colour', strokeWidth: 6, strokeOpacity: 0.35 }),
        dot(data, { x: 'central', y: 'label', fill: 'colour', r: 4.5 }),
        words(data, { x: 'high', y: 'label', text: 'value', textAnchor: 'start' as const, dx: 9, fill: INK, stroke: '#ffffff', strokeWidth: 4 }),
      ],
    }
  }, [rows, narrow])
  return <Chart options={options} label={label} />
}
