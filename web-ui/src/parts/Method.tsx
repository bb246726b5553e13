// What the numbers rest on.
import { orderTitle, textOf } from '../text'
import type { PartProps } from './selection'

export function Method({ doc, at }: PartProps) {
  const text = textOf(at.language)
  const [run] = doc.provenance
  const factors = [...new Set(run?.solves.filter((solve) => !solve.variant).map((solve) => solve.theta_factor))]
  const notes = [...new Set(doc.provenance.flatMap((each) => each.notes))]
  return (
    <section id="method" aria-labelledby="method-head">
      <h2 id="method-head">{text.sections.method}</h2>
      {text.method.map((paragraph) => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      <dl>
        <dt>{text.elasticities}</dt>
        <dd>
          {run?.theta_source}. {run?.parameter_draws ? text.drawn(String(run.parameter_draws)) : factors.length > 0 && text.factors(factors.join(', '))}
        </dd>
        <dt>{text.deficits}</dt>
        <dd>{[...new Set(doc.provenance.map((each) => text.closures[each.deficits] ?? each.deficits))].join(', ')}</dd>
      </dl>
      <h3>{text.notes}</h3>
      <ul className="notes" lang={text.lang === 'en' ? undefined : 'en'}>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
        {doc.orders
          .filter((order) => order.note)
          .map((order) => (
            <li key={order.name}>
              <strong>{orderTitle(order.title, at.language)}.</strong> {order.note}
            </li>
          ))}
      </ul>
    </section>
  )
}
