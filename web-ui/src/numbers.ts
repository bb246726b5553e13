// Numbers as words of a language.
import type { Estimate } from './result'
import type { Language, Text } from './text/language'

/** A change with its sign and two decimals. */
export function change(value: number, language: Language): string {
  const format = new Intl.NumberFormat(language, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  })
  return format.format(value).replace('-', '−')
}

/** A level with four significant digits. */
export function level(value: number, language: Language): string {
  return new Intl.NumberFormat(language, { maximumSignificantDigits: 4 }).format(value).replace('-', '−')
}

/** The range of an estimate, or the words that say that there is none. */
export function range(of: Estimate, write: (value: number) => string, text: Text): string {
  if (of.low === null || of.high === null) return text.pointEstimate
  const [low, high] = [write(of.low), write(of.high)]
  return low === high ? text.sameThroughout : text.fromTo(low, high)
}

/** How a variable's numbers are written: changes with a sign, levels without. */
export function writer(units: string, meaning: string, language: Language): (value: number) => string {
  const signed = units !== 'million USD a year' && /^change of|first-order|\bgain/.test(meaning)
  return (value) => (signed ? change(value, language) : level(value, language))
}
