// One question of a page: asked again when what it depends on changes, the last one wins.

import { type Ref, ref, shallowRef, watch } from 'vue'

import { Trouble } from './api/client'
import { language } from './texts/language'

export interface Asked<T> {
  answer: Readonly<Ref<T | null>>
  trouble: Readonly<Ref<Trouble | null>>
  isWaiting: Readonly<Ref<boolean>>
  again: () => void
}

// `key` tells what the question depends on; null asks nothing.
export function useAsked<K, T>(key: () => K | null, fetch: (key: K) => Promise<T>): Asked<T> {
  const answer = shallowRef<T | null>(null)
  const trouble = shallowRef<Trouble | null>(null)
  const isWaiting = ref(false)
  let number = 0

  async function again(): Promise<void> {
    const wanted = key()
    const mine = ++number
    trouble.value = null
    if (wanted === null) {
      answer.value = null
      return
    }
    isWaiting.value = true
    try {
      const found = await fetch(wanted)
      if (mine === number) answer.value = found
    } catch (error) {
      if (mine !== number) return
      if (!(error instanceof Trouble)) throw error
      answer.value = null
      trouble.value = error
    } finally {
      if (mine === number) isWaiting.value = false
    }
  }

  // Problems come in the language of the page.
  watch(() => JSON.stringify([key(), language.value]), again, { immediate: true })
  return { answer, trouble, isWaiting, again: () => void again() }
}
