// What charts share.
import { UNCHANGED } from '../sentences'

export const INK = '#222222'
const LESS = '#b35806'
const MORE = '#2166ac'
const NEITHER = '#767676'

/** A number's colour: neither less nor more where it is written as 0.00. */
export const colourOfChange = (value: number): string => (Math.abs(value) < UNCHANGED ? NEITHER : value < 0 ? LESS : MORE)

/** Room for the words left of a chart; characters of East Asian scripts are twice as wide. */
export function room(labels: string[]): number {
  const widths = labels.map((label) => [...label].reduce((sum, c) => sum + (c > '\u2e7f' ? 13.5 : 7.2), 0))
  return Math.min(300, Math.max(60, ...widths) + 12)
}

const signed = new Intl.NumberFormat('en', { signDisplay: 'exceptZero', maximumSignificantDigits: 3 })

/** A number at an axis. */
export const tick = (value: number): string => signed.format(value).replace('-', '−')
