// The service, as this page calls it.
import type { Document } from '../result'
import type { OrderText, Union } from './scenario'

export type WorldListed = { name: string; title: string; year: number | null; kind: string; size: { economies: number; sectors: number } | null; hash: string; problem: string }
export type WorldFacts = {
  name: string
  title: string
  year: number | null
  kind: string
  hash: string
  source: string
  theta_source: string
  deficits: string
  quality: string
  notes: string[]
  economies: { code: string; name: string; aggregate: boolean; income: number | null; population: number | null }[]
  unions: Union[]
  sectors: { code: string; title: string; goods: boolean; theta: number | null }[]
}
export type OrderShown = {
  name: string
  title: string
  description: string
  note: string
  hash: string
  yaml: string
  order: OrderText
  blocs: { name: string; depth: number; members: string[] }[]
}
/** `chance`: it is drawn, year by year, and is asked for with a number of years. */
export type Shock = { name: string; title: string; description: string; note: string; chance: boolean }
export type Asked = string | { order: OrderText } | { yaml: string }
export type Ask = {
  world: string
  orders: Asked[]
  range?: boolean
  why?: boolean
  sovereignty?: boolean
  also?: string[]
  shocks?: string[]
  security?: number
}
export type Run = {
  id: string
  state: 'waiting' | 'running' | 'done' | 'failed'
  done: number
  total: number
  label: string
  message: string
  kind: string
  hash: string | null
  document: Document | null
}
export type Step = { done: number; total: number; label: string }
/** A preset that the service computes in spare time. */
export type Spare = { order: string; run: Run }
export type Citation = { hash: string; text: string; bibtex: string }

/** What the service says against a request: one sentence, and its parts. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problems: string[] = [],
  ) {
    super(message)
  }
}

async function answered(response: Response): Promise<Response> {
  if (response.ok) return response
  const said = (await response.json().catch(() => ({}))) as { detail?: unknown; problems?: string[] }
  throw new Refused(response.status, typeof said.detail === 'string' ? said.detail : response.statusText, said.problems ?? [])
}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await answered(await fetch(`/api${path}`, signal ? { signal } : {}))).json() as Promise<T>
}

async function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await answered(await fetch(`/api${path}`, signal ? { ...asked, signal } : asked))).json() as Promise<T>
}

export const first = () => get<Run>('/first')
export const spare = (signal?: AbortSignal) => get<Spare[]>('/spare', signal)
export const worlds = () => get<WorldListed[]>('/worlds')
export const world = (name: string) => get<WorldFacts>(`/worlds/${encodeURIComponent(name)}`)
export const orders = (world: string) => get<OrderShown[]>(`/orders?world=${encodeURIComponent(world)}`)
export const shocks = () => get<Shock[]>('/shocks')
export const check = (world: string, order: { yaml: string } | { order: OrderText }) => post<OrderShown>('/orders', { world, ...order })
export const start = (ask: Ask, signal?: AbortSignal) => post<Run>('/runs', ask, signal)
export const documentOf = (id: string, signal?: AbortSignal) => get<Document>(`/runs/${id}/document`, signal)
export const citation = (id: string) => get<Citation>(`/runs/${id}/citation`)
export const resultAddress = (id: string, suffix: string) => `/api/runs/${id}/result.${suffix}`
export const yamlAddress = (id: string, order: string) => `/api/runs/${id}/orders/${order}.yaml`

export async function cancel(id: string): Promise<void> {
  await answered(await fetch(`/api/runs/${id}`, { method: 'DELETE' }))
}

export async function upload(file: File): Promise<WorldFacts> {
  const title = encodeURIComponent(file.name.replace(/\.[^.]*$/, ''))
  const asked = { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: file }
  return (await answered(await fetch(`/api/worlds?title=${title}`, asked))).json() as Promise<WorldFacts>
}

/** News of a run until it is over: every step, and at the end nothing, or the reason why it failed. */
export function follow(id: string, step: (news: Step) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const news = new EventSource(`/api/runs/${id}/events`)
    const ended = (what: () => void) => {
      news.close()
      what()
    }
    const read = (event: Event) => JSON.parse((event as MessageEvent<string>).data)
    news.addEventListener('step', (event) => step(read(event) as Step))
    news.addEventListener('done', () => ended(resolve))
    news.addEventListener('failed', (event) => {
      const { kind, message } = read(event) as { kind: string; message: string }
      ended(() => reject(kind === 'cancelled' ? new DOMException(message, 'AbortError') : new Refused(422, message)))
    })
    news.addEventListener('error', () => {
      if (news.readyState === EventSource.CLOSED) ended(() => reject(new Refused(0, 'the service does not answer')))
    })
    signal.addEventListener('abort', () => ended(() => reject(new DOMException('cancelled', 'AbortError'))))
  })
}
