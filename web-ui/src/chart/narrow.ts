// Whether the page is as narrow as a telephone: charts are drawn narrower then, so that their words stay large.
import { useSyncExternalStore } from 'react'

const NARROW = '(max-width: 640px)'

function follow(changed: () => void): () => void {
  const media = window.matchMedia(NARROW)
  media.addEventListener('change', changed)
  return () => media.removeEventListener('change', changed)
}

export const useNarrow = (): boolean => useSyncExternalStore(follow, () => window.matchMedia(NARROW).matches)
