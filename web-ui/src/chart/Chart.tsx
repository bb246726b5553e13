// A picture by Observable Plot inside a React page.
import { type PlotOptions, plot } from '@observablehq/plot'
import { useEffect, useRef } from 'react'

export function Chart({ options, label }: { options: PlotOptions; label: string }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const drawn = plot({ ...options, ariaLabel: label })
    drawn.setAttribute('role', 'img')
    // Names of groups inside say nothing to a reader, and a group without a role may have none.
    for (const group of drawn.querySelectorAll('g[aria-label]')) group.removeAttribute('aria-label')
    place.current?.replaceChildren(drawn)
    return () => drawn.remove()
  }, [options, label])
  return <div className="chart" ref={place} />
}
