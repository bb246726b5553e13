// Words by language. A language that is not written yet speaks English, with its own names of countries.
import NAMES from '../names.json'
import { isAggregate } from '../result'
import en from './en'
import ja from './ja'
import { LANGUAGES, type Language, type Text } from './language'

export const TEXTS: Partial<Record<Language, Text>> = { en, ja }

export function textOf(language: Language): Text {
  return TEXTS[language] ?? en
}

/** The first of the reader's languages that there is. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().split('-')[0] === language)
    if (found) return found
  }
  return 'en'
}

const names = NAMES as Record<Language, Record<string, string>>

/** An economy's name in a language: CLDR's, that of an aggregate, else what the result calls it. */
export function nameOf(code: string, language: Language, known: Record<string, string> = {}): string {
  const text = textOf(language)
  if (isAggregate(code)) {
    const region = text.regions[code.replace(/^ROW_?/, '')]
    return region === undefined ? code : text.rest(region)
  }
  return names[language][code] ?? known[code] ?? code
}

/** A variable's name, with the label of its last axis where it has one. */
export function variableName(name: string, meaning: string, text: Text): string {
  return text.variables[name] ?? meaning
}

export function unitName(units: string, text: Text): string {
  return text.units[units] ?? units
}

/** The title of an order, in this language where it is one of the presets, changed (with a star) or not. */
export function orderTitle(title: string, language: Language): string {
  const [, plain = title, changed = ''] = /^(.*?)( \*)?$/s.exec(title) ?? []
  return plain ? `${textOf(language).presets[plain] ?? plain}${changed}` : textOf(language).app.untitled
}

/** A sector's name: the reference world's by language, others as their table writes them. */
export function sectorName(sector: string, text: Text): string {
  return text.sectors[sector] ?? sector
}
