// Which colour is which bloc.
import { colourOfBloc, UNALIGNED } from './colours'
import { useLab } from './lab'
import { blocsOf } from './scenario'

export function BlocLegend() {
  const { scenario, text } = useLab()
  return (
    <ul className="legend">
      {blocsOf(scenario).map(([name], place) => (
        <li key={name}>
          <span className="swatch" style={{ background: colourOfBloc(place) }} />
          {name}
        </li>
      ))}
      <li>
        <span className="swatch" style={{ background: UNALIGNED }} />
        {text.app.unaligned}
      </li>
      <li>
        <svg className="swatch" viewBox="0 0 22 14" aria-hidden="true">
          <rect width="22" height="14" fill="url(#hatch)" />
        </svg>
        {text.noData}
      </li>
    </ul>
  )
}
