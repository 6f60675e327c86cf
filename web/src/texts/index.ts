// The words of the pages: one catalogue for each language, and two for each area of the desk.

import { watch } from 'vue'
import { createI18n } from 'vue-i18n'

import en from './en.json'
import { language } from './language'
import zh from './zh.json'

export * from './language'

export const texts = createI18n({
  legacy: false,
  locale: language.value as string,
  fallbackLocale: 'en',
  messages: { en, zh },
})
export const { t, te } = texts.global

watch(language, (now) => (texts.global.locale.value = now), { flush: 'sync' })

type Catalogue = { default: Record<string, never> }
const catalogues = import.meta.glob<Catalogue>(['./*/*.json', '!./phone/*.json'])

// Learn the words of an area, in both languages: they may be switched at any time.
export async function learnTexts(area: string): Promise<void> {
  await Promise.all(
    (['en', 'zh'] as const).map(async (one) => {
      const catalogue = await catalogues[`./${area}/${one}.json`]?.()
      if (catalogue) texts.global.mergeLocaleMessage(one, catalogue.default)
    }),
  )
}
