// An economy found by its name in any of the languages, or by its code.
import { useId, useMemo, useState } from 'react'
import NAMES from '../names.json'
import { nameOf } from '../text'
import { useLab } from './lab'

const MOST = 8

/** Small letters without accents. */
export const folded = (words: string): string => words.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

/** Codes whose names begin with the words, then those that hold them. */
export function found(words: string, codes: readonly string[], called: (code: string) => string[]): string[] {
  const wanted = folded(words.trim())
  if (!wanted) return []
  const rank = (code: string) => {
    const all = called(code).map(folded)
    if (all.some((name) => name.startsWith(wanted))) return 0
    return all.some((name) => name.includes(wanted)) ? 1 : 2
  }
  return codes
    .map((code) => ({ code, rank: rank(code) }))
    .filter((each) => each.rank < 2)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MOST)
    .map((each) => each.code)
}

export function Search({ codes, onPick }: { codes: readonly string[]; onPick: (code: string) => void }) {
  const { text, state } = useLab()
  const id = useId()
  const [words, setWords] = useState('')
  const [place, setPlace] = useState(0)
  const names = NAMES as Record<string, Record<string, string>>
  const list = useMemo(() => {
    const called = (code: string) => [nameOf(code, state.language), code, ...Object.values(names).map((each) => each[code] ?? '')]
    return found(words, codes, called)
  }, [words, codes, state.language, names])
  const take = (code: string) => {
    onPick(code)
    setWords('')
  }
  const open = list.length > 0
  return (
    <div className="search">
      <label htmlFor={id}>{text.app.search}</label>
      <input
        id={id}
        type="text"
        role="combobox"
        autoComplete="off"
        aria-expanded={open}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={open ? `${id}-${list[place]}` : undefined}
        placeholder={text.app.searchHint}
        value={words}
        onChange={(event) => {
          setWords(event.target.value)
          setPlace(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setPlace(Math.min(place + 1, list.length - 1))
          else if (event.key === 'ArrowUp') setPlace(Math.max(place - 1, 0))
          else if (event.key === 'Enter' && list[place]) take(list[place])
          else if (event.key === 'Escape') setWords('')
          else return
          event.preventDefault()
        }}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={text.app.search} hidden={!open}>
        {list.map((code, n) => (
          <li
            key={code}
            id={`${id}-${code}`}
            role="option"
            aria-selected={n === place}
            onPointerDown={(event) => {
              event.preventDefault()
              take(code)
            }}
          >
            {nameOf(code, state.language)} <span className="quiet">{code}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
