// What the master data calls things. Pages say which URIs they show; one question asks for all.

import { reactive } from 'vue'

import type { Name } from './api/answers'
import { ask, client } from './api/client'
import { shortCode } from './codes'
import { language } from './texts/language'

const AT_ONCE = 150 // An address must not grow too long.
const known = reactive(new Map<string, Name>())
const asked = new Set<string>()
let waiting: string[] = []

export function learnNames(names: Record<string, Name>): void {
  for (const [uri, name] of Object.entries(names)) {
    asked.add(uri)
    known.set(uri, name)
  }
}

// Give the name in the language of the page, else what the code itself says.
export function nameOf(uri: string): string {
  return knownName(uri) ?? shortCode(uri)
}

export function knownName(uri: string): string | undefined {
  const name = known.get(uri)
  return language.value === 'zh' ? (name?.zh ?? name?.en) : (name?.en ?? name?.zh)
}

export function wantNames(uris: Iterable<string | null | undefined>): void {
  for (const uri of uris) {
    if (!uri || asked.has(uri)) continue
    asked.add(uri)
    if (!waiting.length) setTimeout(fetchNames)
    waiting.push(uri)
  }
}

async function fetchNames(): Promise<void> {
  const all = waiting
  waiting = []
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const id = all.slice(at, at + AT_ONCE)
    try {
      const answer = client.GET('/api/names', { params: { query: { id } } })
      learnNames((await ask<{ names: Record<string, Name> }>(answer)).names)
    } catch {
      for (const uri of id) asked.delete(uri) // The code stands for the name until next time.
    }
  }
}
