// Something that a reader does: one at a time, and what went wrong stays beside it.

import { type Ref, ref, shallowRef } from 'vue'

import { Trouble } from '../../api/client'

export interface Act {
  trouble: Readonly<Ref<Trouble | null>>
  isBusy: Readonly<Ref<boolean>>
  // Tells whether it was done; false when something went wrong, which `trouble` then says.
  run: (what: () => Promise<void>) => Promise<boolean>
  clear: () => void
}

export function useAct(): Act {
  const trouble = shallowRef<Trouble | null>(null)
  const isBusy = ref(false)

  async function run(what: () => Promise<void>): Promise<boolean> {
    if (isBusy.value) return false
    isBusy.value = true
    trouble.value = null
    try {
      await what()
      return true
    } catch (error) {
      if (!(error instanceof Trouble)) throw error
      trouble.value = error
      return false
    } finally {
      isBusy.value = false
    }
  }
  return { trouble, isBusy, run, clear: () => (trouble.value = null) }
}
