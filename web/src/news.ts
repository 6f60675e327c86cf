// Whether what a page shows has changed on the server. It is only told, not put in its place:
// nothing moves below the eyes or the cursor of a reader until they say so.

import { type Ref, ref, watch } from 'vue'

import { Trouble } from './api/client'
import { onGrowth } from './live'

const REST_MS = 8_000

// `told` gives what counts of an answer; null from `current` or `fetch` asks nothing.
export function useNews<T>(
  current: () => T | null,
  fetch: () => Promise<T> | null,
  told: (answer: T) => unknown,
): Ref<boolean> {
  const hasNews = ref(false)
  watch(current, () => (hasNews.value = false))
  onGrowth(() => void look(), REST_MS)

  async function look(): Promise<void> {
    const [shown, asked] = [current(), fetch()]
    if (shown === null || asked === null || hasNews.value) return
    try {
      const found = await asked
      if (current() === shown) {
        hasNews.value = JSON.stringify(told(found)) !== JSON.stringify(told(shown))
      }
    } catch (error) {
      if (!(error instanceof Trouble)) throw error // Whoever asks next is told.
    }
  }
  return hasNews
}
