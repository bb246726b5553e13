// Run, and how the run stands: stage, steps, time, and a way to stop it.
import { useEffect, useState } from 'react'
import type { Asking, Progress, Trouble } from './asking'
import { useLab } from './lab'

/** Shorter runs say nothing: they are over before it could be read. */
const SILENT = 400

function Standing({ of, cancel }: { of: Progress; cancel: () => void }) {
  const { text } = useLab()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const clock = setInterval(() => setNow(Date.now()), 100)
    return () => clearInterval(clock)
  }, [])
  const passed = now - of.since
  if (passed < SILENT) return null
  return (
    <div className="standing" role="status">
      <span>
        {of.label || text.app.waiting} · {of.total > 0 && `${text.app.doneOf(of.done, of.total)} · `}
        <span aria-hidden="true">{text.app.seconds((passed / 1000).toFixed(0))}</span>
      </span>
      {of.total > 0 && <progress max={of.total} value={of.done} aria-label={text.app.progress} />}
      <button type="button" onClick={cancel}>
        {text.app.cancel}
      </button>
    </div>
  )
}

export function Problems({ of, head }: { of: Trouble; head?: string }) {
  const { text } = useLab()
  return (
    <div className="trouble" role="alert">
      <p>
        <strong>{head ?? text.app.refused}</strong> <span lang={text.lang === 'en' ? undefined : 'en'}>{of.message}</span>
      </p>
      {of.problems.length > 0 && (
        <ul lang={text.lang === 'en' ? undefined : 'en'}>
          {of.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
    </div>
  )
}

export function News({ of }: { of: Asking }) {
  return (
    <>
      {of.progress && <Standing key={of.progress.since} of={of.progress} cancel={of.cancel} />}
      {of.trouble && <Problems of={of.trouble} />}
    </>
  )
}
