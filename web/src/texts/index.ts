// The words of the pages: one catalogue for each language, and two for each area of the desk.

import { computed } from 'vue'
import { createI18n } from 'vue-i18n'

import en from './en.json'
import zh from './zh.json'

export type Language = 'en' | 'zh'
const REMEMBERED = 'suyuan.language'

export function languageFor(wanted: readonly string[]): Language {
  const known = wanted.find((one) => /^(zh|en)\b/i.test(one))
  return known?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

export const texts = createI18n({
  legacy: false,
  locale: localStorage.getItem(REMEMBERED) ?? languageFor(navigator.languages),
  fallbackLocale: 'en',
  messages: { en, zh },
})

type Catalogue = { default: Record<string, never> }
const catalogues = import.meta.glob<Catalogue>('./*/*.json')

// Learn the words of an area, in both languages: they may be switched at any time.
export async function learnTexts(area: string): Promise<void> {
  await Promise.all(
    (['en', 'zh'] as const).map(async (one) => {
      const catalogue = await catalogues[`./${area}/${one}.json`]?.()
      if (catalogue) texts.global.mergeLocaleMessage(one, catalogue.default)
    }),
  )
}

export const language = computed<Language>(() => (texts.global.locale.value === 'zh' ? 'zh' : 'en'))
export const { t, te } = texts.global

export function choose(chosen: Language, isRemembered = true): void {
  texts.global.locale.value = chosen
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
  if (isRemembered) localStorage.setItem(REMEMBERED, chosen)
}

export function hasChosen(): boolean {
  return localStorage.getItem(REMEMBERED) !== null
}

const locale = computed(() => (language.value === 'zh' ? 'zh-CN' : 'en-GB'))

export function count(number: number): string {
  return number.toLocaleString(locale.value)
}

export function day(moment: string): string {
  return new Date(moment).toLocaleDateString(locale.value, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
}

export function clock(moment: string): string {
  return new Date(moment).toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' })
}

export function dayAndClock(moment: string): string {
  return new Date(moment).toLocaleString(locale.value, { dateStyle: 'medium', timeStyle: 'short' })
}
