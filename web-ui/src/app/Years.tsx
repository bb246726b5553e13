// How many years of accidents are drawn; the more, the longer it takes.
import { Choice } from '../parts/Choice'
import { useLab } from './lab'
import { YEARS } from './state'

export function Years() {
  const { state, act, text } = useLab()
  return (
    <Choice label={text.app.years} value={String(state.years)} onChange={(years) => act({ kind: 'look', at: { years: Number(years) } })}>
      {YEARS.map((years) => (
        <option key={years} value={years}>
          {years}
        </option>
      ))}
    </Choice>
  )
}
