// An address that holds the whole order: packed, in letters that addresses allow, and read back exactly.
import type { Bloc, OrderText, Scenario } from './scenario'

/** An address that is longer is cut by some mail programs and chats. */
export const LONGEST_LINK = 2000

type Packed = [version: 1, order: Record<string, unknown>, shocks: string[], codes: string[][]]

const CODES = /^[A-Z]{3}$/

/** Members that are three capital letters stand without separators, apart from the rest. */
function split(order: OrderText): [Record<string, unknown>, string[][]] {
  const { blocs, ...rest } = order
  if (!blocs) return [rest, []]
  const packed = Object.entries(blocs).map(([name, { members, ...bloc }]) => {
    const plain = members.every((code) => CODES.test(code))
    return { entry: [name, bloc] as const, members: plain ? [members.join('')] : ['', ...members] }
  })
  return [{ ...rest, blocs: packed.map(({ entry }) => entry) }, packed.map(({ members }) => members)]
}

function joined(packed: Record<string, unknown>, codes: string[][]): OrderText {
  const { blocs, ...rest } = packed
  if (!Array.isArray(blocs)) return rest as OrderText
  const found = (blocs as [string, Omit<Bloc, 'members'>][]).map(([name, bloc], n): [string, Bloc] => {
    const [joint = '', ...listed] = codes[n] ?? []
    return [name, { members: joint ? (joint.match(/.{3}/g) ?? []) : listed, ...bloc }]
  })
  return { ...rest, blocs: Object.fromEntries(found) } as OrderText
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  const piped = new Blob([bytes]).stream().pipeThrough(stream)
  return new Uint8Array(await new Response(piped).arrayBuffer())
}

export async function packed(scenario: Scenario): Promise<string> {
  const [order, codes] = split(scenario.order)
  const value: Packed = [1, order, scenario.shocks, codes]
  const bytes = await through(new TextEncoder().encode(JSON.stringify(value)), new CompressionStream('deflate-raw'))
  const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The order that an address holds. Errors: what is damaged is refused whole. */
export async function unpacked(text: string): Promise<Scenario> {
  const letters = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
  const value: unknown = JSON.parse(new TextDecoder().decode(await through(bytes, new DecompressionStream('deflate-raw'))))
  if (!Array.isArray(value) || value[0] !== 1) throw new Error('the address holds an order of another version')
  const [, order, shocks, codes] = value as Packed
  if (typeof order?.['name'] !== 'string' || !Array.isArray(shocks)) throw new Error('the address holds no order')
  return { preset: null, order: joined(order, codes), shocks }
}

/** What the part of an address after # says. */
export type Address = Record<string, string>

export const readAddress = (hash: string): Address => Object.fromEntries(new URLSearchParams(hash.replace(/^#/, '')))

export function writeAddress(parts: Address): string {
  const said = Object.entries(parts).filter(([, value]) => value !== '')
  return said.length ? `#${said.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}` : ''
}
