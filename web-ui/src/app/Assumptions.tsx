// What the numbers rest on, beside every result.
import type { Document } from '../result'
import { orderTitle } from '../text'
import { useLab } from './lab'

export function Assumptions({ doc }: { doc: Document }) {
  const { text, world, state, act } = useLab()
  const [run] = doc.provenance
  if (!run) return null
  const factors = [...new Set(run.solves.filter((solve) => !solve.variant).map((solve) => solve.theta_factor))]
  const english = text.lang === 'en' ? undefined : 'en'
  const quality = world?.hash === run.data_hash ? (text.app.qualities[world.kind] ?? world.quality) : ''
  const facts: [string, string][] = [
    [text.data, run.world_source],
    [text.year, run.world_year === null ? '–' : String(run.world_year)],
    [text.app.quality, quality],
    [text.elasticities, `${run.theta_source}. ${run.parameter_draws ? text.drawn(String(run.parameter_draws)) : factors.length > 1 ? text.factors(factors.join(', ')) : text.app.central}`],
    [text.deficits, text.closures[run.deficits] ?? run.deficits],
    [text.app.orderHash(orderTitle(run.order_title, state.language)), run.order_hash.slice(0, 12)],
    [text.hash, doc.hash.slice(0, 12)],
  ]
  return (
    <section className="assumptions" aria-labelledby="rests">
      <h2 id="rests">{text.app.rests}</h2>
      <dl>
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name} className={value.length > 60 ? 'long' : undefined}>
              <dt>{name}</dt>
              <dd lang={name === text.data || name === text.elasticities ? english : undefined}>{value}</dd>
            </div>
          ))}
      </dl>
      <p>
        <button type="button" onClick={() => act({ kind: 'look', at: { view: 'share' } })}>
          {text.app.wholeMethod}
        </button>
      </p>
    </section>
  )
}
