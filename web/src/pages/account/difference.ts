// What a change changed, fact by fact, out of how things were before and after it.

import type { Facts } from './answers'

export interface Changed {
  fact: string
  before: string | null
  after: string | null
}

// A value as people read it: lists and groups in one line, nothing as a dash.
// `say` gives the name of a code, such as that of a role.
export function plain(value: unknown, say: (code: string) => string = String): string {
  if (value === null || value === undefined || value === '') return '—'
  if (Array.isArray(value)) {
    return value.length ? value.map((one) => plain(one, say)).join(', ') : '—'
  }
  if (typeof value === 'object') {
    const parts = Object.entries(value).map(([key, inner]) =>
      inner === null ? say(key) : `${say(key)}: ${plain(inner)}`,
    )
    return parts.length ? parts.join(', ') : '—'
  }
  return say(String(value))
}

export function difference(
  before: Facts,
  after: Facts,
  say: (fact: string, code: string) => string = (_, code) => code,
): Changed[] {
  const facts = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return facts.flatMap((fact) => {
    const old = before && fact in before ? plain(before[fact], (code) => say(fact, code)) : null
    const now = after && fact in after ? plain(after[fact], (code) => say(fact, code)) : null
    return old === now ? [] : [{ fact, before: old, after: now }]
  })
}
