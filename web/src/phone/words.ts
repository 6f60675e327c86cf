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

// Of a text with a form for one and one for many, that of `many`, or of the number filled in.
export function formOf(text: string, many: unknown): string {
  const forms = text.split(' | ')
  return (many === 1 ? forms[0] : forms[forms.length - 1]) ?? text
}

export function t(
  key: string,
  filled: Record<string, string | number> = {},
  many: number | string | undefined = filled.count ?? filled.n,
): string {
  const text = formOf(find(catalogues[language.value], key) ?? key, many)
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(filled[name] ?? whole))
}
