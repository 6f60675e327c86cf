// The codes that were opened last in this browser, the newest first.

import { readonly, ref } from 'vue'

export interface Recent {
  code: string // The canonical URI.
  title: string // What its page was called when it was open.
}

const REMEMBERED = 'suyuan.recent'
const MOST = 12

function load(): Recent[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? '[]')
    return Array.isArray(found) ? found.filter(isRecent).slice(0, MOST) : []
  } catch {
    return [] // Somebody else's text under our name.
  }
}

function isRecent(one: unknown): one is Recent {
  const { code, title } = (one ?? {}) as Partial<Recent>
  return typeof code === 'string' && typeof title === 'string'
}

const known = ref<Recent[]>(load())
export const recent = readonly(known)

export function remember(code: string, title: string): void {
  known.value = [{ code, title }, ...known.value.filter((one) => one.code !== code)].slice(0, MOST)
  localStorage.setItem(REMEMBERED, JSON.stringify(known.value))
}

// Whoever signs out leaves nothing for the next at the same desk.
export function forgetRecent(): void {
  known.value = []
  localStorage.removeItem(REMEMBERED)
}
