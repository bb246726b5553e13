// What the colours mean: classes with their limits, about zero, and no data.
import type { Class } from '../scale'
import type { Language } from '../text/language'
import { textOf } from '../text'

function words(each: Class, language: Language): string {
  const text = textOf(language)
  const number = (value: number) => new Intl.NumberFormat(language).format(value)
  if (each.from < 0 && each.to > 0) return text.fromTo(`−${number(each.to)}`, `+${number(each.to)}`)
  const sign = each.to > 0 ? '+' : '−'
  const [near, far] = each.to > 0 ? [each.from, each.to] : [-each.to, -each.from]
  if (far === Infinity) return `${sign}${number(near)} ${text.andMore}`
  return text.fromTo(`${sign}${number(near)}`, `${sign}${number(far)}`)
}

export function Legend({ scale, language }: { scale: Class[]; language: Language }) {
  const text = textOf(language)
  return (
    <ul className="legend">
      {scale.map((each) => (
        <li key={each.colour}>
          <span className="swatch" style={{ background: each.colour }} />
          {words(each, language)}
        </li>
      ))}
      <li>
        <svg className="swatch" viewBox="0 0 22 14" aria-hidden="true">
          <rect width="22" height="14" fill="url(#hatch)" />
        </svg>
        {text.noData}
      </li>
    </ul>
  )
}
