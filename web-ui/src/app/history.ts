// What was, what is, and what was taken back.

export type History<T> = { past: T[]; present: T; future: T[] }

const LONGEST = 100

export const begun = <T>(present: T): History<T> => ({ past: [], present, future: [] })

/** A step forward; the same value again is no step. */
export function stepped<T>(history: History<T>, present: T): History<T> {
  if (present === history.present) return history
  return { past: [...history.past, history.present].slice(-LONGEST), present, future: [] }
}

export function undone<T>({ past, present, future }: History<T>): History<T> {
  const last = past.at(-1)
  return last === undefined ? { past, present, future } : { past: past.slice(0, -1), present: last, future: [present, ...future] }
}

export function redone<T>({ past, present, future }: History<T>): History<T> {
  const [next, ...later] = future
  return next === undefined ? { past, present, future } : { past: [...past, present], present: next, future: later }
}
