// What is offered below a scan box: what was opened last, or what a text may mean.

import type { Hit } from '../api/answers'
import { bracketed, kindOf } from '../codes'
import type { Recent } from '../recent'

export interface Offer {
  uri: string
  title: string
  code: string
  kind: string // The key of its text.
}

export function offersOf(hits: readonly Hit[], language: 'en' | 'zh'): Offer[] {
  return hits.map(({ uri, kind, name, name_zh }) => ({
    uri,
    title: (language === 'zh' ? (name_zh ?? name) : (name ?? name_zh)) ?? '',
    code: bracketed(uri),
    kind: ['code', 'other'].includes(kind) ? `kind.${kindOf(uri)}` : `search.${kind}`,
  }))
}

export function offersOfRecent(recent: readonly Recent[]): Offer[] {
  return recent.map(({ code, title }) => ({
    uri: code,
    title,
    code: bracketed(code),
    kind: `kind.${kindOf(code)}`,
  }))
}

// Tell what is meant as a whole from what somebody remembers of it.
export function looksWhole(text: string): boolean {
  return /^(urn:|https?:|\(|\])/i.test(text) || /^\d{8,}$/.test(text)
}

// What Enter opens: what is chosen, else the code as it stands, else the one thing that fits.
// Null where several fit: one lot number may be that of several farms, and nobody shall land at
// another one than they mean.
export function meant(text: string, offers: readonly Offer[], at: number): string | null {
  const chosen = offers[at]
  if (chosen) return chosen.uri
  if (looksWhole(text) || !offers.length) return text
  return offers.length === 1 ? (offers[0]?.uri ?? text) : null
}
