// Tables to copy into other programs.
import { useState } from 'react'
import { change, range } from '../numbers'
import { copy, download } from '../taking'
import { estimate } from '../result'
import { nameOf, orderTitle, textOf, variableName } from '../text'
import { measureRows, tabbed, tidy } from '../parts/rows'
import type { PartProps } from '../parts/selection'

export function Tables({ doc, at }: PartProps) {
  const text = textOf(at.language)
  const [open, setOpen] = useState(false)
  const [copied, setCopied] = useState('')
  const measure = variableName(at.variable, doc.variables[at.variable]?.meaning ?? '', text)
  const write = (value: number) => change(value, at.language)
  return (
    <section id="tables" aria-labelledby="tables-head">
      <h2 id="tables-head">{text.sections.tables}</h2>
      <p>{text.tablesLead}</p>
      {doc.left_out.length > 0 && <p>{text.leftOut(doc.left_out.join(', '))}</p>}
      <p className="screen">
        <button
          type="button"
          onClick={() => void copy(tabbed(measureRows(doc, at.variable))).then(() => setCopied(at.variable))}
        >
          {text.copy}
        </button>{' '}
        <button type="button" onClick={() => download(tidy(doc), `ecumene-${doc.hash.slice(0, 12)}.csv`)}>
          {text.download}
        </button>{' '}
        <span role="status">{copied === at.variable ? text.copied : ''}</span>
      </p>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{measure}</summary>
        {open && (
          <div className="scroll" role="region" aria-label={text.sections.tables} tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{text.economy}</th>
                  {doc.orders.map((order) => (
                    <th key={order.name} scope="col" className="number">
                      {orderTitle(order.title, at.language)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {doc.economies.map((code, economy) => (
                  <tr key={code}>
                    <th scope="row">{nameOf(code, at.language, doc.names)}</th>
                    {doc.orders.map((order, place) => {
                      const found = estimate(doc, at.variable, { order: place, economy })
                      return (
                        <td key={order.name} className="number">
                          {found ? write(found.central) : text.noData}
                          {found && <small>{range(found, write, text)}</small>}
                        </td>
                      )
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </details>
    </section>
  )
}
