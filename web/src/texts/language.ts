// The language of the pages, and numbers and times as it writes them.

import { computed, readonly, ref } from 'vue'

export type Language = 'en' | 'zh'
const REMEMBERED = 'suyuan.language'

export function languageFor(wanted: readonly string[]): Language {
  const known = wanted.find((one) => /^(zh|en)\b/i.test(one))
  return known?.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

const remembered = localStorage.getItem(REMEMBERED)
const chosen = ref<Language>(languageFor(remembered ? [remembered] : navigator.languages))
export const language = readonly(chosen)

export function choose(wanted: Language, isRemembered = true): void {
  chosen.value = wanted
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en'
  if (isRemembered) localStorage.setItem(REMEMBERED, wanted)
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
