import { ref } from 'vue'

import type { Scanned } from './store'

// What was scanned elsewhere and is to be looked up on the page of scans.
export const pending = ref<Scanned | null>(null)
