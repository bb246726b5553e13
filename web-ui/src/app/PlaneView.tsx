// Prosperity across, security up: every economy a point under the order that is open.
import { useMemo, useState } from 'react'
import { colourOfChange, tick } from '../chart/look'
import { change, level, range } from '../numbers'
import { Choice } from '../parts/Choice'
import { at, type Document, type Estimate, estimate, isAggregate } from '../result'
import { nameOf, orderTitle } from '../text'
import { useLab } from './lab'
import { News } from './RunBar'
import { Years } from './Years'

const [W, H] = [720, 460]
const EDGE = { left: 62, right: 24, top: 18, bottom: 48 }
/** Points that get their name if there is room for it: the chosen one, then the largest. */
const TRIED = 40

type Point = { code: string; across: Estimate; up: Estimate; income: number }

/** What a result says of losses: by draws of accidents, or under each shock. */
function losses(doc: Document): { key: string; name: string; shock: string }[] {
  const drawn = ['expected_shortfall', 'expected_loss'].filter((name) => name in doc.variables).map((name) => ({ key: name, name, shock: '' }))
  const named = 'shock_loss' in doc.variables ? (doc.labels['shock'] ?? []).map((shock) => ({ key: `shock_loss ${shock}`, name: 'shock_loss', shock })) : []
  return [...drawn, ...named]
}

function ticks(low: number, high: number): number[] {
  const raw = (high - low) / 6 || 1
  const size = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((each) => each * size).find((each) => each >= raw) ?? size
  const start = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - start + 1 }, (_, n) => Number(((start + n) * step).toPrecision(12)))
}

type Wanted = { code: string; name: string; x: number; y: number; r: number }
type Label = { code: string; name: string; at: [number, number]; end: boolean }

/** Names beside their points, right or left, those first that come first; without room there is no name. */
function placed(wanted: Wanted[]): Label[] {
  const taken: [number, number, number, number][] = wanted.slice(0, 12).map(({ x, y, r }) => [x - r, y - r, x + r, y + r])
  return wanted.flatMap(({ code, name, x, y, r }, n) => {
    const wide = [...name].reduce((sum, letter) => sum + (letter > '\u2e7f' ? 12 : 6.6), 4)
    for (const end of [false, true]) {
      const left = end ? x - r - 3 - wide : x + r + 3
      const box: [number, number, number, number] = [left, y - 8, left + wide, y + 6]
      const free = taken.every(([a, b, c, d], other) => other === n || box[2] < a || box[0] > c || box[3] < b || box[1] > d)
      if ((free || n === 0) && box[0] > EDGE.left && box[2] < W) {
        taken.push(box)
        return [{ code, name, at: [end ? x - r - 3 : x + r + 3, y + 4], end }]
      }
    }
    return []
  })
}

function Picture({ points, label }: { points: Point[]; label: string }) {
  const { state, act, text, main } = useLab()
  const names = main.shown?.doc.names
  const write = (value: number) => change(value, state.language)
  const say = (value: number) => level(value, state.language)
  const of = points.find((point) => point.code === state.economy)
  // The range of the economy that is looked at has room too.
  const most = Math.max(0.1, of?.up.high ?? 0, ...points.map((p) => p.up.central)) * 1.05
  const ends = [0, of?.across.low ?? 0, of?.across.high ?? 0, ...points.map((p) => p.across.central)]
  const [left, right] = [Math.min(...ends), Math.max(...ends)]
  const pad = (right - left || 1) * 0.04
  const x = (value: number) => EDGE.left + ((value - left + pad) * (W - EDGE.left - EDGE.right)) / (right - left + 2 * pad)
  // Security upwards: no loss at the top.
  const y = (loss: number) => EDGE.top + (Math.max(loss, 0) * (H - EDGE.top - EDGE.bottom)) / most
  const sorted = [...points].sort((a, b) => Number(a.code === state.economy) - Number(b.code === state.economy))
  const greatest = Math.max(1, ...points.map((p) => p.income))
  const size = (income: number) => 3 + 9 * Math.sqrt(income / greatest)
  const labels = placed(
    [...points]
      .sort((a, b) => Number(b.code === state.economy) - Number(a.code === state.economy) || b.income - a.income)
      .slice(0, TRIED)
      .map((p) => ({ code: p.code, x: x(p.across.central), y: y(p.up.central), r: size(p.income), name: nameOf(p.code, state.language, names) })),
  )
  return (
    <svg className="plane" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={label}>
      {ticks(left - pad, right + pad).map((value) => (
        <g key={value}>
          <line x1={x(value)} x2={x(value)} y1={EDGE.top} y2={H - EDGE.bottom} stroke={value === 0 ? '#555555' : '#e3e3e3'} />
          <text x={x(value)} y={H - EDGE.bottom + 16} textAnchor="middle">
            {tick(value)}
          </text>
        </g>
      ))}
      {ticks(0, most).map((value) => (
        <g key={value}>
          <line x1={EDGE.left} x2={W - EDGE.right} y1={y(value)} y2={y(value)} stroke={value === 0 ? '#555555' : '#e3e3e3'} />
          <text x={EDGE.left - 8} y={y(value) + 4} textAnchor="end">
            {value === 0 ? '0' : tick(-value)}
          </text>
        </g>
      ))}
      <text x={(W + EDGE.left) / 2} y={H - 8} textAnchor="middle" className="axis">
        {text.app.planeAcross}
      </text>
      <text transform={`translate(14 ${(H - EDGE.bottom) / 2}) rotate(-90)`} textAnchor="middle" className="axis">
        {text.app.planeUp}
      </text>
      {of && of.across.low !== null && of.across.high !== null && (
        <line x1={x(of.across.low)} x2={x(of.across.high)} y1={y(of.up.central)} y2={y(of.up.central)} stroke="#222222" strokeWidth={2} />
      )}
      {of && of.up.low !== null && of.up.high !== null && (
        <line x1={x(of.across.central)} x2={x(of.across.central)} y1={y(of.up.low)} y2={y(of.up.high)} stroke="#222222" strokeWidth={2} />
      )}
      {sorted.map(({ code, across, up, income }) => {
        const here = code === state.economy
        const name = nameOf(code, state.language, names)
        return (
          <g key={code} className="point" onClick={() => act({ kind: 'look', at: { economy: code } })}>
            <circle
              cx={x(across.central)}
              cy={y(up.central)}
              r={size(income)}
              fill={colourOfChange(across.central)}
              fillOpacity={here ? 1 : 0.55}
              stroke={here ? '#000000' : '#ffffff'}
              strokeWidth={here ? 2 : 0.7}
            >
              <title>{`${name}: ${write(across.central)} % (${range(across, write, text)}); ${say(up.central)} % (${range(up, say, text)})`}</title>
            </circle>
          </g>
        )
      })}
      {labels.map(({ code, name, at, end }) => (
        <text key={code} x={at[0]} y={at[1]} textAnchor={end ? 'end' : 'start'} className={code === state.economy ? 'named here' : 'named'}>
          {name}
        </text>
      ))}
    </svg>
  )
}

export function PlaneView() {
  const { state, act, text, main, shocks, more, stale } = useLab()
  const { language } = state
  const doc = main.shown?.doc ?? null
  const [wanted, setWanted] = useState('')
  const [shock, setShock] = useState('pandemic')
  const listed = useMemo(() => (doc ? losses(doc) : []), [doc])
  const loss = listed.find((each) => each.key === wanted) ?? listed[0]
  const points = useMemo(
    () =>
      doc && loss
        ? doc.economies.flatMap((code, economy): Point[] => {
            const across = estimate(doc, 'real_income', { order: 0, economy })
            const up = estimate(doc, loss.name, { order: 0, economy, ...(loss.shock ? { shock: loss.shock } : {}) })
            const income = at(doc, 'base_income', { order: 0, economy }) ?? 0
            return across && up && !isAggregate(code) ? [{ code, across, up, income }] : []
          })
        : [],
    [doc, loss],
  )
  const shockName = (name: string) => text.app.shockNames[name] ?? shocks.find((each) => each.name === name)?.title ?? name
  const there = doc?.labels['shock'] ?? []
  // What was asked before is kept beside what is new.
  const compute = () => {
    const drawn = doc && 'expected_loss' in doc.variables ? shocks.filter((each) => each.chance).map(({ name }) => name) : []
    more({ shocks: [...new Set([...there, ...drawn, shock])] })
    setWanted(shocks.some((each) => each.chance && each.name === shock) ? 'expected_shortfall' : `shock_loss ${shock}`)
  }
  const order = orderTitle(doc?.orders[0]?.title ?? '', language)
  const lossName = loss ? (loss.shock ? shockName(loss.shock) : (text.variables[loss.name] ?? loss.name)) : ''
  const of = points.find((point) => point.code === state.economy)
  const write = (value: number) => change(value, language)
  const say = (value: number) => level(value, language)
  return (
    <>
      <h1>{`${text.app.views.plane}: ${order}`}</h1>
      <p>{text.app.planeLead}</p>
      {loss ? (
        <>
          {listed.length > 1 && (
            <div className="tools">
              <Choice label={text.app.losses} value={loss.key} onChange={setWanted}>
                {listed.map((each) => (
                  <option key={each.key} value={each.key}>
                    {each.shock ? shockName(each.shock) : (text.variables[each.name] ?? each.name)}
                  </option>
                ))}
              </Choice>
            </div>
          )}
          <p role="status">
            {of &&
              `${nameOf(of.code, language, doc?.names)}: ${write(of.across.central)} % (${range(of.across, write, text)}); ${lossName}: ${text.app.loss} ${say(of.up.central)} % (${range(of.up, say, text)})`}
          </p>
          <Picture points={points} label={`${text.app.views.plane}: ${order}, ${lossName}`} />
          <p className="tools">
            <Choice label={text.economy} value={state.economy} onChange={(economy) => act({ kind: 'look', at: { economy } })}>
              {points
                .map(({ code }) => ({ code, name: nameOf(code, language, doc?.names) }))
                .sort((a, b) => a.name.localeCompare(b.name, language))
                .map(({ code, name }) => (
                  <option key={code} value={code}>
                    {name}
                  </option>
                ))}
            </Choice>
          </p>
        </>
      ) : null}
      <div className="tools">
        <Choice label={loss ? text.app.otherShocks : text.app.shocks} value={shock} onChange={setShock}>
          {shocks.map(({ name }) => (
            <option key={name} value={name}>
              {shockName(name)}
            </option>
          ))}
        </Choice>
        {shocks.some((each) => each.chance && each.name === shock) && <Years />}
        <button type="button" className="run" disabled={main.progress !== null || stale} onClick={compute}>
          {text.app.withShock}
        </button>
      </div>
      <News of={main} />
    </>
  )
}
