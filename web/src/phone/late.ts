// What turned out, once the network was back, about things that were scanned without it.

import { ref } from 'vue'

import { signal } from './feedback'
import { lookUpWaiting } from './lookup'
import { whenBack } from './sending'
import type { Scan } from './store'

export const lateFindings = ref<Scan[]>([])

whenBack(async () => {
  const alarming = await lookUpWaiting()
  if (!alarming.length) return
  lateFindings.value = [...lateFindings.value, ...alarming]
  signal(alarming.some((one) => one.verdict === 'held') ? 'held' : 'warned')
})
