// What went in, which versions computed it, and how every solve ended.
import { orderTitle, textOf } from '../text'
import type { PartProps } from './selection'

export function ProvenancePart({ doc, at }: PartProps) {
  const text = textOf(at.language)
  const [run] = doc.provenance
  if (!run) return null
  const facts: [string, string][] = [
    [text.data, run.world_source],
    [text.year, run.world_year === null ? '–' : String(run.world_year)],
    [text.dataHash, run.data_hash],
    [text.hash, doc.hash],
    [text.seed, run.seed === null ? text.nothingRandom : String(run.seed)],
    [text.versions, Object.entries(run.versions).map((pair) => pair.join(' ')).join(', ')],
  ]
  return (
    <section id="provenance" aria-labelledby="provenance-head">
      <h2 id="provenance-head">{text.sections.provenance}</h2>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className={/^[0-9a-f]{64}$/.test(value) ? 'hash' : undefined}>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="scroll" role="region" aria-label={text.solves} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{text.order}</th>
              <th scope="col">{text.solves}</th>
              <th scope="col">{text.residual}</th>
              <th scope="col">{text.orderHash}</th>
            </tr>
          </thead>
          <tbody>
            {doc.provenance.map((each, place) => (
              <tr key={each.order}>
                <th scope="row">{orderTitle(doc.orders[place]?.title ?? each.order_title, at.language)}</th>
                <td>{text.converged(each.solves.filter((solve) => solve.status === 0).length, each.solves.length)}</td>
                <td>{Math.max(...each.solves.map((solve) => solve.residual)).toExponential(1)}</td>
                <td className="hash">{each.order_hash.slice(0, 12)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <h3>{text.cite}</h3>
      <ul className="notes" lang={text.lang === 'en' ? undefined : 'en'}>
        {doc.provenance.map((each) => (
          <li key={each.order}>{each.citation}</li>
        ))}
      </ul>
    </section>
  )
}
