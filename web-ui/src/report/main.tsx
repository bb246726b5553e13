import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { readDocument } from '../result'
import { preferred } from '../text'
import { Report } from './Report'
import '../style.css'

const root = document.getElementById('root')
const doc = readDocument(document.getElementById('ecumene-result')?.textContent)
if (root && doc) {
  createRoot(root).render(
    <StrictMode>
      <Report doc={doc} first={preferred(navigator.languages)} />
    </StrictMode>,
  )
} else if (root) {
  root.textContent = 'This page holds no result: write one with `ecumene report RESULT -o FILE.html`.'
}
