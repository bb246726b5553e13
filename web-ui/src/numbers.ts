// Numbers as words of a language.
import type { Estimate } from './result'
import type { Language, Text } from './text/language'

/** Formats are dear to make: one for each language. */
function once(options: Intl.NumberFormatOptions): (language: Language) => Intl.NumberFormat {
  const made = new Map<Language, Intl.NumberFormat>()
  return (language) => {
    const found = made.get(language) ?? new Intl.NumberFormat(language, options)
    made.set(language, found)
    return found
  }
}

const signed = once({ signDisplay: 'exceptZero', minimumFractionDigits: 2, maximumFractionDigits: 2 })
const short = once({ maximumSignificantDigits: 4 })

/** A change with its sign and two decimals. */
export function change(value: number, language: Language): string {
  return signed(language).format(value).replace('-', '−')
}

/** A level below this is what rounding in a solve leaves of zero. */
const NOTHING = 1e-9

/** A level with four significant digits. */
export function level(value: number, language: Language): string {
  return short(language).format(Math.abs(value) < NOTHING ? 0 : value).replace('-', '−')
}

/** The range of an estimate, or the words that say that there is none. */
export function range(of: Estimate, write: (value: number) => string, text: Text): string {
  if (of.low === null || of.high === null) return text.pointEstimate
  const [low, high] = [write(of.low), write(of.high)]
  return low === high ? text.sameThroughout : text.fromTo(low, high)
}

/** How a variable's numbers are written: changes with a sign, levels without. */
export function writer(units: string, meaning: string, language: Language): (value: number) => string {
  const isChange = units !== 'million USD a year' && /^change of|first-order|\bgain/.test(meaning)
  return (value) => (isChange ? change(value, language) : level(value, language))
}
