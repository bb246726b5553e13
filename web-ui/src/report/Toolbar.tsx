// The choices that every part of the page follows.
import { Choice } from '../parts/Choice'
import { nameOf, orderTitle, textOf, variableName } from '../text'
import { LANGUAGE_NAMES, LANGUAGES, type Language } from '../text/language'
import type { PartProps } from '../parts/selection'

export function Toolbar({ doc, at, choose, measures }: PartProps & { measures: string[] }) {
  const text = textOf(at.language)
  const economies = doc.economies
    .map((code, place) => ({ place, name: nameOf(code, at.language, doc.names) }))
    .sort((a, b) => a.name.localeCompare(b.name, at.language))
  return (
    <form className="toolbar" aria-label={text.measure} onSubmit={(event) => event.preventDefault()}>
      <Choice label={text.order} value={String(at.order)} onChange={(value) => choose({ order: Number(value) })}>
        {doc.orders.map((order, place) => (
          <option key={order.name} value={place}>
            {orderTitle(order.title, at.language)}
          </option>
        ))}
      </Choice>
      <Choice label={text.measure} value={at.variable} onChange={(variable) => choose({ variable })}>
        {measures.map((name) => (
          <option key={name} value={name}>
            {variableName(name, doc.variables[name]?.meaning ?? name, text)}
          </option>
        ))}
      </Choice>
      <Choice label={text.economy} value={String(at.economy)} onChange={(value) => choose({ economy: Number(value) })}>
        {economies.map(({ place, name }) => (
          <option key={place} value={place}>
            {name}
          </option>
        ))}
      </Choice>
      <Choice
        label={text.language}
        value={at.language}
        onChange={(language) => choose({ language: language as Language })}
      >
        {LANGUAGES.map((language) => (
          <option key={language} value={language} lang={language}>
            {LANGUAGE_NAMES[language]}
          </option>
        ))}
      </Choice>
    </form>
  )
}
