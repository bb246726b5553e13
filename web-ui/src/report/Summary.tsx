// What the numbers say, in sentences.
import { acrossOrders, summary } from '../sentences'
import { orderTitle, textOf } from '../text'
import type { PartProps } from '../parts/selection'

export function Summary({ doc, at, choose }: PartProps) {
  const text = textOf(at.language)
  const best = acrossOrders(doc, at.language)
  return (
    <section id="summary" aria-labelledby="summary-head">
      <h2 id="summary-head">{text.sections.summary}</h2>
      {best && <p className="lead">{best}</p>}
      {doc.orders.map((order, place) => (
        <article key={order.name} className={place === at.order ? 'told chosen' : 'told'}>
          <h3>
            <button type="button" aria-pressed={place === at.order} onClick={() => choose({ order: place })}>
              {orderTitle(order.title, at.language)}
            </button>
          </h3>
          {order.description && <p className="quiet" lang="en">{order.description}</p>}
          <p>{summary(doc, place, at.language).join(text.lang === 'ja' ? '' : ' ')}</p>
        </article>
      ))}
      {Object.entries(doc.failed).map(([order, reason]) => (
        <p key={order} role="note">
          {text.failed(order, reason)}
        </p>
      ))}
    </section>
  )
}
