// A large map of the chosen order, and a small one of every order, on one scale.
import { change, range } from '../numbers'
import { Legend } from '../map/Legend'
import { WorldMap } from '../map/WorldMap'
import { estimate } from '../result'
import type { Class } from '../scale'
import { nameOf, orderTitle, textOf, variableName } from '../text'
import { worldVariable } from '../parts/OrdersOfTheWorld'
import type { PartProps } from '../parts/selection'

export function Maps({ doc, at, choose, scale }: PartProps & { scale: Class[] }) {
  const text = textOf(at.language)
  const measure = variableName(at.variable, doc.variables[at.variable]?.meaning ?? '', text)
  const code = doc.economies[at.economy] ?? ''
  const shown = { doc, variable: at.variable, scale, language: at.language, selected: code }
  const titles = doc.orders.map((order) => orderTitle(order.title, at.language))
  const here = estimate(doc, at.variable, { order: at.order, economy: at.economy })
  const write = (value: number) => change(value, at.language)
  return (
    <section id="maps" aria-labelledby="maps-head">
      <h2 id="maps-head">{text.sections.maps}</h2>
      <p className="screen">{text.mapHint}</p>
      <figure className="large">
        <figcaption>
          <strong>{titles[at.order]}</strong>: {measure}.{' '}
          {here && `${nameOf(code, at.language, doc.names)}: ${write(here.central)} % (${range(here, write, text)})`}
        </figcaption>
        <WorldMap
          {...shown}
          order={at.order}
          label={text.mapOf(titles[at.order] ?? '', measure)}
          onSelect={(chosen) => choose({ economy: doc.economies.indexOf(chosen) })}
        />
        <Legend scale={scale} language={at.language} />
        <p className="quiet">{text.oneScale}</p>
      </figure>
      {doc.orders.length > 1 && (
        <div className="small-maps">
          {doc.orders.map((order, place) => {
            const world = estimate(doc, worldVariable(at.variable, doc.variables), { order: place })
            return (
              <figure key={order.name} className={place === at.order ? 'chosen' : undefined}>
                <button type="button" aria-pressed={place === at.order} onClick={() => choose({ order: place })}>
                  <WorldMap {...shown} order={place} label={text.mapOf(titles[place] ?? '', measure)} />
                </button>
                <figcaption>
                  <strong>{titles[place]}</strong>
                  {world && ` · ${text.world} ${write(world.central)} % (${range(world, write, text)})`}
                </figcaption>
              </figure>
            )
          })}
        </div>
      )}
      <p className="quiet">{text.borders}</p>
    </section>
  )
}
