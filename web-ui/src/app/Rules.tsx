// Rules between blocs and economies: how deep at most, tariffs, barriers, embargoes.
import { nameOf, sectorName } from '../text'
import { useLab } from './lab'
import * as order from './scenario'

const KINDS: order.RuleKind[] = ['limits', 'tariffs', 'barriers', 'embargoes']

/** Unions that a rule may name, beside what the order says itself. */
const UNIONS = ['EU', 'EAEU', 'USMCA', 'ASEAN', 'MERCOSUR', 'GCC', 'NATO', 'BRICS', 'CPTPP', 'RCEP']

function Names({ label, value, onChange }: { label: string; value: order.Names; onChange: (names: order.Names) => void }) {
  const { scenario, world, state, text } = useLab()
  const blocs = order.blocsOf(scenario).map(([name]) => name)
  const economies = (world?.economies ?? []).map(({ code }) => code).sort((a, b) => nameOf(a, state.language).localeCompare(nameOf(b, state.language), state.language))
  const written = JSON.stringify(value)
  const one = (name: string) => JSON.stringify([name])
  const listed = [...blocs, 'rest', 'all', ...UNIONS.map((name) => `union:${name}`), ...economies].map(one)
  return (
    <select aria-label={label} value={written} onChange={(event) => onChange(JSON.parse(event.target.value) as order.Names)}>
      {!listed.includes(written) && <option value={written}>{value.join(', ')}</option>}
      <optgroup label={text.app.blocs}>
        {blocs.map((name) => (
          <option key={name} value={one(name)}>
            {name}
          </option>
        ))}
        <option value={one('rest')}>{text.app.inNoBloc}</option>
        <option value={one('all')}>{text.app.everybody}</option>
      </optgroup>
      <optgroup label={text.app.unions}>
        {UNIONS.map((name) => (
          <option key={name} value={one(`union:${name}`)}>
            {name}
          </option>
        ))}
      </optgroup>
      <optgroup label={text.economy}>
        {economies.map((code) => (
          <option key={code} value={one(code)}>
            {nameOf(code, state.language)}
          </option>
        ))}
      </optgroup>
    </select>
  )
}

function Sectors({ value, goodsOnly, onChange }: { value: order.Names; goodsOnly: boolean; onChange: (names: order.Names) => void }) {
  const { world, text } = useLab()
  const sectors = (world?.sectors ?? []).filter((sector) => sector.goods || !goodsOnly).map(({ code }) => code)
  const groups = goodsOnly ? ['goods'] : ['all', 'goods', 'services']
  const written = JSON.stringify(value)
  const listed = [...groups, ...sectors].map((name) => JSON.stringify([name]))
  return (
    <select aria-label={text.app.sectorsOf} value={written} onChange={(event) => onChange(JSON.parse(event.target.value) as order.Names)}>
      {!listed.includes(written) && <option value={written}>{value.map((name) => sectorName(name, text)).join(', ')}</option>}
      {groups.map((name) => (
        <option key={name} value={JSON.stringify([name])}>
          {text.app.sectorGroups[name]}
        </option>
      ))}
      {sectors.map((name) => (
        <option key={name} value={JSON.stringify([name])}>
          {sectorName(name, text)}
        </option>
      ))}
    </select>
  )
}

function Amount({ label, value, unit, least, most, onChange }: { label: string; value: number; unit: string; least: number; most: number; onChange: (value: number) => void }) {
  return (
    <span className="amount-of">
      <input
        type="number"
        aria-label={label}
        value={value}
        min={least}
        max={most}
        onChange={(event) => {
          const given = event.target.valueAsNumber
          if (Number.isFinite(given)) onChange(Math.min(most, Math.max(least, given)))
        }}
      />
      {unit}
    </span>
  )
}

/** What a rule says, beside whom it is about. */
function Terms({ kind, rule, onChange }: { kind: order.RuleKind; rule: order.Rule; onChange: (rule: order.Rule) => void }) {
  const { text } = useLab()
  if (kind === 'limits') {
    const limit = rule as order.Limit
    return (
      <select aria-label={text.app.atMost} value={limit.depth} onChange={(event) => onChange({ ...limit, depth: Number(event.target.value) })}>
        {text.app.depths.map((words, depth) => (
          <option key={words} value={depth}>
            {depth} {words}
          </option>
        ))}
      </select>
    )
  }
  if (kind === 'tariffs') {
    const tariff = rule as order.Tariff
    const added = tariff.add_points !== undefined
    const value = tariff.add_points ?? tariff.rate_percent ?? 0
    const { add_points: _, rate_percent: __, ...rest } = tariff
    const write = (points: boolean, amount: number) => onChange({ ...rest, ...(points ? { add_points: amount } : { rate_percent: Math.max(amount, 0) }) })
    return (
      <>
        <Sectors goodsOnly value={tariff.sectors ?? ['goods']} onChange={(sectors) => onChange({ ...tariff, sectors })} />
        <select aria-label={text.app.tariffs} value={String(added)} onChange={(event) => write(event.target.value === 'true', value)}>
          <option value="true">{text.app.addPoints}</option>
          <option value="false">{text.app.newRate}</option>
        </select>
        <Amount label={text.app.tariffs} value={value} unit={added ? text.app.points : '%'} least={added ? -100 : 0} most={1000} onChange={(amount) => write(added, amount)} />
      </>
    )
  }
  if (kind === 'barriers') {
    const barrier = rule as order.Barrier
    return (
      <>
        <Sectors goodsOnly={false} value={barrier.sectors ?? ['all']} onChange={(sectors) => onChange({ ...barrier, sectors })} />
        {barrier.closed ? (
          text.app.closed
        ) : (
          <Amount label={text.app.cost} value={barrier.cost_percent ?? 0} unit="%" least={-50} most={1000} onChange={(cost_percent) => onChange({ ...barrier, cost_percent })} />
        )}
      </>
    )
  }
  const embargo = rule as order.Embargo
  return <Sectors goodsOnly={false} value={embargo.sectors ?? ['all']} onChange={(sectors) => onChange({ ...embargo, sectors })} />
}

function Rule({ kind, rule, onChange, onRemove }: { kind: order.RuleKind; rule: order.Rule; onChange: (rule: order.Rule) => void; onRemove: () => void }) {
  const { text } = useLab()
  const [a = [], b = []] = order.sidesOf(rule)
  const several = 'among' in rule && rule.among
  const one = 'on' in rule || ('from' in rule && rule.from !== undefined)
  const sides = (left: order.Names, right: order.Names): order.Rule => {
    if ('on' in rule) return { ...rule, on: left, from: right }
    return one ? { ...rule, from: left, to: right } : { ...rule, between: [left, right] }
  }
  return (
    <div className="rule">
      {several ? (
        <span>{several.map((names) => names.join(', ')).join(' · ')}</span>
      ) : (
        <>
          <Names label={'on' in rule ? text.app.importer : text.app.oneSide} value={a} onChange={(names) => onChange(sides(names, b))} />
          <span aria-hidden="true">{'on' in rule ? '←' : one ? '→' : '↔'}</span>
          <Names label={'on' in rule ? text.app.origin : text.app.otherSide} value={b} onChange={(names) => onChange(sides(a, names))} />
        </>
      )}
      <button type="button" className="less" aria-label={text.app.removeRule} title={text.app.removeRule} onClick={onRemove}>
        ×
      </button>
      <span className="terms">
        <Terms kind={kind} rule={rule} onChange={onChange} />
      </span>
    </div>
  )
}

export function Rules() {
  const { scenario, act, text } = useLab()
  const blocs = order.blocsOf(scenario).map(([name]) => name)
  return (
    <>
      {KINDS.map((kind) => {
        const rules = order.rulesOf(scenario, kind)
        const change = (next: order.Rule[]) => act({ kind: 'change', scenario: order.withRules(scenario, kind, next) })
        return (
          <fieldset key={kind}>
            <legend>{text.app.rules[kind]}</legend>
            {rules.map((rule, place) => (
              <Rule
                key={`${kind}-${place}-${rules.length}`}
                kind={kind}
                rule={rule}
                onChange={(changed) => change(rules.map((each, n) => (n === place ? changed : each)))}
                onRemove={() => change(rules.filter((_, n) => n !== place))}
              />
            ))}
            <button type="button" onClick={() => change([...rules, order.newRule(kind, blocs)])}>
              {text.app.addRule[kind]}
            </button>
          </fieldset>
        )
      })}
    </>
  )
}
