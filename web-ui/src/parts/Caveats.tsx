// What the numbers of some orders do not mean, under the numbers.
import type { Document } from '../result'
import { orderTitle, textOf } from '../text'
import type { Language } from '../text/language'

export function Caveats({ doc, order, language }: { doc: Document; order?: number; language: Language }) {
  const text = textOf(language)
  const ended = doc.orders.filter(({ name }, place) => (order ?? place) === place && doc.transfers_ended?.includes(name))
  if (!ended.length) return null
  return (
    <p className="quiet" role="note">
      {text.endedTransfers(ended.map(({ title }) => orderTitle(title, language)).join(text.lang === 'ja' ? '」「' : ', '))}
    </p>
  )
}
