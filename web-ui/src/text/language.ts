// The languages of the interface, and what each has to say.

import type { app } from './en'

export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ru', 'zh', 'ja'] as const
export type Language = (typeof LANGUAGES)[number]

export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  ru: 'Русский',
  zh: '中文',
  ja: '日本語',
}

export type Named = { name: string; value: string; range: string }

export type Text = {
  /** The language that these words are in. */
  lang: Language
  title: string
  lead: (orders: number, economies: number, world: string) => string
  noSide: string
  language: string
  skip: string
  contents: string
  sections: {
    summary: string
    orders: string
    maps: string
    ranking: string
    country: string
    method: string
    provenance: string
    tables: string
  }
  order: string
  measure: string
  economy: string
  world: string
  pointEstimate: string
  sameThroughout: string
  fromTo: (low: string, high: string) => string
  percent: string
  // The summary
  best: (highest: Named, lowest: Named, orders: number) => string
  worldChange: (rises: boolean | null, of: Named, byPeople: Named | null) => string
  counts: (losing: number, gaining: number, unchanged: number) => string
  extremes: (loss: Named | null, gain: Named | null) => string
  missing: (count: number, all: string, without: Named) => string
  failed: (order: string, reason: string) => string
  /** Orders in which trade balances end where trade does. */
  endedTransfers: (orders: string) => string
  /** The order that changes nothing. */
  base: string
  // The map
  mapOf: (order: string, measure: string) => string
  mapHint: string
  noData: string
  andMore: string
  borders: string
  oneScale: string
  rest: (region: string) => string
  regions: Record<string, string>
  // The ranking
  rank: string
  changeHead: string
  rangeHead: string
  showAll: (count: number) => string
  showFew: string
  losses: string
  gains: string
  // The country page
  acrossOrders: (economy: string, measure: string) => string
  why: string
  whyLead: (economy: string, order: string, sum: string) => string
  whyMissing: string
  whyGoods: string
  noWhy: string
  byPart: string
  byPartner: string
  bySector: string
  parts: Record<string, string>
  ownEconomy: string
  allMeasures: string
  /** Where some ranges are over draws and others are not. */
  rangesHere: string
  logPoints: string
  // Method
  method: string[]
  elasticities: string
  factors: (factors: string) => string
  drawn: (count: string) => string
  deficits: string
  /** What becomes of trade balances, as results name it. */
  closures: Record<string, string>
  notes: string
  // Provenance
  cite: string
  data: string
  year: string
  hash: string
  orderHash: string
  dataHash: string
  seed: string
  nothingRandom: string
  versions: string
  solves: string
  residual: string
  converged: (count: number, all: number) => string
  // Tables
  tablesLead: string
  copy: string
  copied: string
  download: string
  leftOut: (names: string) => string
  /** Titles of the presets, where this language has its own. */
  presets: Record<string, string>
  /** Names of variables, where they differ from what the result says of itself. */
  variables: Record<string, string>
  units: Record<string, string>
  /** Names of sectors of the reference world; those of other worlds stay as they are. */
  sectors: Record<string, string>
  /** What the app says beside the report. */
  app: typeof app
}
