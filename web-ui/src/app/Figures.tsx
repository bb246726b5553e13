// Three numbers that stand for an order: the world, who loses most, who gains most.
import { change, range } from '../numbers'
import type { Document, Estimate } from '../result'
import { headline } from '../sentences'
import { nameOf } from '../text'
import { useLab } from './lab'

export function Figures({ doc }: { doc: Document }) {
  const { text, state, act } = useLab()
  const { language } = state
  const { variable, world, loser, gainer } = headline(doc, 0)
  const write = (value: number) => change(value, language)
  const number = (of: Estimate | null) => (
    <>
      <span className="amount">{of ? `${write(of.central)} %` : text.app.nobody}</span>
      <span className="quiet">{of ? range(of, write, text) : ' '}</span>
    </>
  )
  const cards = [
    { head: text.app.loser, of: loser },
    { head: text.app.gainer, of: gainer },
  ]
  return (
    <div className="figures">
      <p>
        <span className="head">{text.app.worldIncome}</span>
        {number(world)}
      </p>
      {cards.map(({ head, of }) => (
        <p key={head}>
          <span className="head">
            {head}
            {of && ': '}
            {of && (
              <button type="button" className="plain" onClick={() => act({ kind: 'look', at: { economy: of.code } })}>
                {nameOf(of.code, language, doc.names)}
              </button>
            )}
          </span>
          {number(of?.estimate ?? null)}
        </p>
      ))}
      {variable !== 'real_income' && <p className="aside quiet">{text.app.supplied}</p>}
    </div>
  )
}
