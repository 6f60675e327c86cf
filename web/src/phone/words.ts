// The words of the phone, in both languages at once: they may be switched without a network.

import catalogues from 'virtual:phone-words'

import { language } from '../texts/language'

export type Words = { [key: string]: string | Words }

export function find(words: Words, key: string): string | null {
  let found: string | Words | undefined = words
  for (const part of key.split('.')) {
    found = typeof found === 'object' ? found[part] : undefined
  }
  return typeof found === 'string' ? found : null
}

export function te(key: string): boolean {
  return find(catalogues[language.value], key) !== null
}

export function t(key: string, filled: Record<string, string | number> = {}): string {
  const text = find(catalogues[language.value], key) ?? key
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole))
}
