// The report: one page with everything that a result says.
import { useEffect, useMemo, useState } from 'react'
import { MapParts } from '../map/WorldMap'
import type { Document } from '../result'
import { changes, largest } from '../result'
import { classes } from '../scale'
import { textOf } from '../text'
import type { Language } from '../text/language'
import { CountryPage } from '../parts/CountryPage'
import { Maps } from './Maps'
import { Method } from '../parts/Method'
import { OrdersOfTheWorld } from '../parts/OrdersOfTheWorld'
import { ProvenancePart } from '../parts/ProvenancePart'
import { Ranking } from '../parts/Ranking'
import { type Selection, firstSelection } from '../parts/selection'
import { Summary } from './Summary'
import { Tables } from './Tables'
import { Toolbar } from './Toolbar'

const PARTS = ['summary', 'orders', 'maps', 'ranking', 'country', 'method', 'provenance', 'tables'] as const

export function Report({ doc, first }: { doc: Document; first: Language }) {
  const [at, setAt] = useState<Selection>(() => firstSelection(doc, first))
  const choose = (change: Partial<Selection>) => setAt((before) => ({ ...before, ...change }))
  const text = textOf(at.language)
  useEffect(() => {
    document.documentElement.lang = text.lang
    document.title = `${text.title} · Ecumene`
  }, [text])
  const scale = useMemo(() => classes(largest(doc, at.variable)), [doc, at.variable])
  const part = { doc, at, choose }
  return (
    <>
      <a className="skip" href="#summary">
        {text.skip}
      </a>
      <MapParts />
      <header>
        <p className="brand">Ecumene</p>
        <h1>{text.title}</h1>
        <p>{text.lead(doc.orders.length, doc.economies.length, doc.provenance[0]?.world_source ?? '')}</p>
        <p className="quiet">{text.noSide}</p>
        <nav aria-label={text.contents}>
          {PARTS.map((name) => (
            <a key={name} href={`#${name}`}>
              {text.sections[name]}
            </a>
          ))}
        </nav>
      </header>
      <Toolbar {...part} measures={changes(doc)} />
      <main>
        <Summary {...part} />
        <OrdersOfTheWorld {...part} />
        <Maps {...part} scale={scale} />
        <Ranking {...part} scale={scale} />
        <CountryPage {...part} />
        <Method {...part} />
        <ProvenancePart {...part} />
        <Tables {...part} />
      </main>
    </>
  )
}
