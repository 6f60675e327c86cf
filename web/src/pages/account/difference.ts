// What a change changed, fact by fact, out of how things were before and after it.

import type { Facts } from './answers'

export interface Changed {
  fact: string
  before: string | null
  after: string | null
}

// A value as people read it: lists and groups in one line, nothing as a dash.
export function plain(value: unknown): string {
  if (value === null || value === undefined || value === '') return '—'
  if (Array.isArray(value)) return value.length ? value.map(plain).join(', ') : '—'
  if (typeof value === 'object') {
    const parts = Object.entries(value).map(([key, inner]) =>
      inner === null ? key : `${key}: ${plain(inner)}`,
    )
    return parts.length ? parts.join(', ') : '—'
  }
  return String(value)
}

export function difference(before: Facts, after: Facts): Changed[] {
  const facts = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return facts.flatMap((fact) => {
    const old = before && fact in before ? plain(before[fact]) : null
    const now = after && fact in after ? plain(after[fact]) : null
    return old === now ? [] : [{ fact, before: old, after: now }]
  })
}
