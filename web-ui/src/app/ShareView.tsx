// Taking a result along: an address, files, a citation; and everything that it rests on.
import { useEffect, useState } from 'react'
import { Method } from '../parts/Method'
import { ProvenancePart } from '../parts/ProvenancePart'
import { copy } from '../taking'
import { citation, type Citation, Refused, resultAddress, yamlAddress } from './api'
import { useLab } from './lab'
import { LONGEST_LINK } from './link'
import { News } from './RunBar'

const FILES = ['html', 'csv', 'parquet', 'json', 'nc'] as const

export function ShareView({ link }: { link: string }) {
  const { text, main, state, stale, more } = useLab()
  const [copied, setCopied] = useState('')
  const [cited, setCited] = useState<Citation | null>(null)
  const shown = main.shown
  const id = shown && !shown.point ? shown.id : null
  useEffect(() => {
    setCited(null)
    // A run that the service has forgotten is asked for again: its numbers are kept.
    if (id) citation(id).then(setCited, (error) => error instanceof Refused && error.status === 404 && more({}))
  }, [id])
  if (!shown) return <News of={main} />
  const { doc } = shown
  const at = { order: 0, variable: state.variable, economy: doc.economies.indexOf(state.economy), language: state.language }
  const part = { doc, at, choose: () => undefined }
  const taken = (what: string, words: string) => void copy(words).then(() => setCopied(what))
  const words = cited?.text ?? doc.provenance[0]?.citation ?? ''
  return (
    <>
      <h1>{text.app.views.share}</h1>
      {stale && <p role="status">{text.app.stale}</p>}
      <section aria-labelledby="link-head">
        <h2 id="link-head">{text.app.link}</h2>
        {link.length <= LONGEST_LINK ? (
          <>
            <p>{text.app.linkHint}</p>
            <p className="row">
              <input type="text" className="link" readOnly value={link} aria-label={text.app.link} onFocus={(event) => event.target.select()} />
              <button type="button" onClick={() => taken('link', link)}>
                {text.app.copyLink}
              </button>
              <span role="status">{copied === 'link' ? text.copied : ''}</span>
            </p>
          </>
        ) : (
          <p>{text.app.linkTooLong(link.length, LONGEST_LINK)}</p>
        )}
      </section>
      <section aria-labelledby="files-head">
        <h2 id="files-head">{text.app.files}</h2>
        {id ? (
          <ul className="files">
            {FILES.map((suffix) => (
              <li key={suffix}>
                <a href={resultAddress(id, suffix)} download>
                  {text.app.fileNames[suffix]}
                </a>
              </li>
            ))}
            <li>
              <a href={yamlAddress(id, doc.orders[0]?.name ?? '')} download>
                {text.app.fileNames.yaml}
              </a>
            </li>
          </ul>
        ) : (
          <p>{text.app.waiting}</p>
        )}
        <p>
          {text.hash}: <span className="hash">{doc.hash}</span>
        </p>
      </section>
      <section aria-labelledby="cite-head">
        <h2 id="cite-head">{text.cite}</h2>
        <p className="cited" lang={text.lang === 'en' ? undefined : 'en'}>
          {words}
        </p>
        {cited && <pre>{cited.bibtex}</pre>}
        <p className="row">
          <button type="button" onClick={() => taken('cite', words)}>
            {text.app.copyCitation}
          </button>
          <span role="status">{copied === 'cite' ? text.copied : ''}</span>
        </p>
      </section>
      <Method {...part} />
      <ProvenancePart {...part} />
    </>
  )
}
