// The codes that somebody opened last in this browser, the newest first; each has their own.

import { computed, ref } from 'vue'

import { kindOf, productOf } from './codes'
import { knownName, wantNames } from './names'

export interface Recent {
  code: string // The canonical URI.
  title: string // What its page was called when it was open.
}

const KEY = 'suyuan.recent'
const MOST = 12

let remembered = KEY
function load(): Recent[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(remembered) ?? '[]')
    return Array.isArray(found) ? found.filter(isRecent).slice(0, MOST) : []
  } catch {
    return [] // Somebody else's text under our name.
  }
}

function isRecent(one: unknown): one is Recent {
  const { code, title } = (one ?? {}) as Partial<Recent>
  return typeof code === 'string' && typeof title === 'string'
}

const known = ref<Recent[]>([])
export const recent = computed(() => known.value.map((one) => ({ ...one, title: titleOf(one) })))

// Show those of whoever is here; nobody else who uses this browser sees them.
export function openRecent(user: string, tenant: string): void {
  remembered = `${KEY} ${tenant} ${user}`
  localStorage.removeItem(KEY) // From when they were everybody's.
  known.value = load()
}

export function remember(code: string, title: string): void {
  known.value = [{ code, title }, ...known.value.filter((one) => one.code !== code)].slice(0, MOST)
  localStorage.setItem(remembered, JSON.stringify(known.value))
}

// Whoever signs out leaves nothing for the next at the same desk.
export function forgetRecent(): void {
  known.value = []
  localStorage.removeItem(remembered)
}

// What it is called now, in the language of the page; else what its page was called.
function titleOf({ code, title }: Recent): string {
  return knownName(code) ?? (kindOf(code) === 'other' ? undefined : knownName(productOf(code))) ?? title
}

export function wantTitles(): void {
  wantNames(known.value.flatMap(({ code }) => [code, productOf(code)]))
}
