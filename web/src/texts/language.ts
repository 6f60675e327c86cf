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

// A measured value, which may be smaller than what counts show.
export function figure(number: number): string {
  return number.toLocaleString(locale.value, { maximumSignificantDigits: 12 })
}

// Words one after the other, parted as the language parts them.
export function listed(words: readonly string[]): string {
  return words.join(language.value === 'zh' ? '、' : ', ')
}

export function day(moment: string): string {
  return new Date(moment).toLocaleDateString(locale.value, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  })
}

// A day of the calendar is the same day everywhere.
export function dayOf(date: string): string {
  return new Date(date).toLocaleDateString(locale.value, { dateStyle: 'medium', timeZone: 'UTC' })
}

export function clock(moment: string): string {
  return new Date(moment).toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' })
}

export function dayAndClock(moment: string): string {
  return new Date(moment).toLocaleString(locale.value, { dateStyle: 'medium', timeStyle: 'short' })
}

// How long something took, in the largest units that say it: 3 d 4 h, 25 min.
export function lasting(ms: number): string {
  const units = ['day', 'hour', 'minute', 'second'] as const
  const sizes = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1_000 }
  const first = units.findIndex((unit) => ms >= sizes[unit])
  if (first < 0) return said(0, 'second')
  const unit = units[first] ?? 'second'
  const next = units[first + 1]
  const whole = Math.floor(ms / sizes[unit])
  const rest = next ? Math.floor((ms - whole * sizes[unit]) / sizes[next]) : 0
  return rest && next ? `${said(whole, unit)} ${said(rest, next)}` : said(whole, unit)
}

function said(number: number, unit: string): string {
  const style = { style: 'unit', unit, unitDisplay: language.value === 'zh' ? 'long' : 'short' } as const
  return number.toLocaleString(locale.value, style)
}

// A moment on an axis that spans so many milliseconds: the day, or the clock.
export function markOf(at: number, width_ms: number): string {
  const moment = new Date(at)
  if (width_ms > 400 * 86_400_000) {
    return moment.toLocaleDateString(locale.value, { year: 'numeric', month: 'short' })
  }
  const isDay = width_ms > 5 * 86_400_000
  const day = moment.toLocaleDateString(locale.value, { day: 'numeric', month: 'short' })
  if (isDay) return day
  const clock = moment.toLocaleTimeString(locale.value, { hour: '2-digit', minute: '2-digit' })
  return moment.getHours() === 0 && moment.getMinutes() === 0 ? day : clock
}
