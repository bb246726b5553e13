// One question at a time: its numbers without range at once, then with range and reasons.
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Document } from '../result'
import * as api from './api'

/** A result that is shown: `point` while its range is still being computed. */
export type Shown = { id: string; doc: Document; ask: api.Ask; point: boolean }

/** `early` while what is shown answers an earlier question; `soon` while the answer takes tens of milliseconds. */
export type Progress = { label: string; done: number; total: number; since: number; early: boolean; soon: boolean }

export type Trouble = { message: string; problems: string[] }

export const troubleOf = (error: unknown): Trouble =>
  error instanceof api.Refused
    ? { message: error.message, problems: error.problems }
    : { message: error instanceof Error ? error.message : String(error), problems: [] }

export type Asking = {
  shown: Shown | null
  progress: Progress | null
  trouble: Trouble | null
  /** `begins` is called with the first numbers of the question. */
  ask: (question: api.Ask, begins?: () => void) => Promise<void>
  cancel: () => void
  show: (shown: Shown) => void
}

/** Whether a question is answered within tens of milliseconds when asked without range. */
const quick = (question: api.Ask) => !question.shocks?.length && !question.security && !question.sovereignty && !question.also?.length

async function finished(run: api.Run, tell: (step: api.Step) => void, signal: AbortSignal): Promise<Document> {
  if (run.document) return run.document
  if (run.state === 'failed') throw new api.Refused(422, run.message)
  await api.follow(run.id, tell, signal)
  return api.documentOf(run.id, signal)
}

export function useAsking(): Asking {
  const [shown, show] = useState<Shown | null>(null)
  const [progress, setProgress] = useState<Progress | null>(null)
  const [trouble, setTrouble] = useState<Trouble | null>(null)
  const control = useRef<AbortController | null>(null)
  const running = useRef<string | null>(null)

  const cancel = useCallback(() => {
    control.current?.abort()
    control.current = null
    if (running.current) void api.cancel(running.current).catch(() => undefined)
    running.current = null
    setProgress(null)
  }, [])

  const ask = useCallback(
    async (question: api.Ask, begins?: () => void) => {
      cancel()
      const mine = new AbortController()
      control.current = mine
      const since = Date.now()
      setTrouble(null)
      let early = true
      setProgress({ label: '', done: 0, total: 0, since, early, soon: quick(question) })
      const tell = ({ label, done, total }: api.Step) => {
        if (!mine.signal.aborted) setProgress({ label, done, total, since, early, soon: early && quick(question) })
      }
      try {
        for (const range of quick(question) ? [false, true] : [true]) {
          const asked = { ...question, range, why: range }
          const run = await api.start(asked, mine.signal)
          if (mine.signal.aborted) {
            void api.cancel(run.id).catch(() => undefined)
            return
          }
          running.current = run.id
          const doc = await finished(run, tell, mine.signal)
          running.current = null
          if (mine.signal.aborted) return
          const failed = Object.values(doc.failed)
          if (failed.length) setTrouble({ message: failed.join(' '), problems: [] })
          show({ id: run.id, doc, ask: question, point: !range })
          if (early) begins?.()
          early = false
          setProgress((before) => before && { ...before, early, soon: false })
        }
      } catch (error) {
        if (!mine.signal.aborted && !(error instanceof DOMException && error.name === 'AbortError')) setTrouble(troubleOf(error))
      } finally {
        if (control.current === mine) {
          control.current = null
          running.current = null
          setProgress(null)
        }
      }
    },
    [cancel],
  )

  useEffect(() => cancel, [cancel])
  return { shown, progress, trouble, ask, cancel, show }
}
