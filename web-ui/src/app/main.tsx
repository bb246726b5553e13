import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { preferred } from '../text'
import { LANGUAGES, type Language } from '../text/language'
import { App, type Start } from './App'
import { readAddress, unpacked } from './link'
import { DEFAULT, VIEWS, type View, YEARS } from './state'
import '../style.css'
import './app.css'

async function readStart(): Promise<Start> {
  const said = readAddress(window.location.hash)
  const at: Start['at'] = {}
  if (VIEWS.includes(said['v'] as View)) at.view = said['v'] as View
  if (said['w']) at.world = said['w']
  if (said['m']) at.variable = said['m']
  if (said['e']) at.economy = said['e']
  if (said['p']) at.sector = said['p']
  if (YEARS.includes(Number(said['y']) as (typeof YEARS)[number])) at.years = Number(said['y'])
  if (said['c']) at.compared = said['c'].split('.')
  const scenario = said['s'] ? await unpacked(said['s']).catch(() => null) : null
  return { at, preset: said['o'] || DEFAULT, scenario, shocks: said['k'] ? said['k'].split('.') : [] }
}

const root = document.getElementById('root')
if (root) {
  const asked = readAddress(window.location.hash)['l'] as Language
  const language = LANGUAGES.includes(asked) ? asked : preferred(navigator.languages)
  const start = await readStart()
  createRoot(root).render(
    <StrictMode>
      <App start={start} language={language} />
    </StrictMode>,
  )
  // Another address in the same window is another visit.
  window.addEventListener('hashchange', () => window.location.reload())
}
