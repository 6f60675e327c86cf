// The state of a page lives in its address, so that a link shows what its sender saw.

import { computed, type ComputedRef, type WritableComputedRef } from 'vue'
import { type LocationQuery, type LocationQueryRaw, useRoute, useRouter } from 'vue-router'

export function useState(): {
  text: (name: string, fallback?: string) => WritableComputedRef<string>
  list: (name: string) => WritableComputedRef<string[]>
  query: ComputedRef<LocationQuery>
} {
  const route = useRoute()
  const router = useRouter()
  let waiting: LocationQueryRaw | null = null

  function put(name: string, value: string | string[] | undefined): void {
    if (!waiting) {
      waiting = { ...route.query }
      queueMicrotask(() => {
        const query = waiting ?? {}
        waiting = null
        void router.replace({ query })
      })
    }
    if (value === undefined || value.length === 0) delete waiting[name]
    else waiting[name] = value
  }

  return {
    query: computed(() => route.query),
    text: (name, fallback = '') =>
      computed({
        get: () => {
          const said = route.query[name]
          return (Array.isArray(said) ? said[0] : said) ?? fallback
        },
        set: (value) => put(name, value === fallback ? undefined : value),
      }),
    list: (name) =>
      computed({
        get: () => {
          const said = route.query[name]
          return (Array.isArray(said) ? said : [said]).filter((one): one is string => !!one)
        },
        set: (value) => put(name, value),
      }),
  }
}
