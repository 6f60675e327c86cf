// Whatever was scanned, in whichever way, goes to the page that is open.

import { onBeforeUnmount, onMounted } from 'vue'

import { ScanSense } from '../scan'
import type { Scanned } from './store'
import { shownOf } from './symbols'

type Taker = (scanned: Scanned) => void

const takers: Taker[] = []
let fallback: Taker = () => {}

export function useScans(take: Taker): void {
  onMounted(() => takers.push(take))
  onBeforeUnmount(() => takers.splice(takers.indexOf(take), 1))
}

export function deliver(scanned: Scanned): void {
  ;(takers.at(-1) ?? fallback)(scanned)
}

export function typed(code: string): Scanned | null {
  const trimmed = code.trim()
  return trimmed ? { code: trimmed, shown: shownOf(trimmed) } : null
}

// Hear a hand scanner that types like a keyboard, wherever the focus is.
export function useHandScanner(otherwise: Taker): void {
  const sense = new ScanSense()
  let before: { field: HTMLInputElement | HTMLTextAreaElement; value: string } | null = null

  function hear(event: KeyboardEvent): void {
    const { key, ctrlKey, target } = event
    const isField = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement
    const code = sense.hear({ key, ctrl: ctrlKey, at_ms: event.timeStamp })
    if (code === null) {
      if (sense.length === 1) before = isField ? { field: target, value: target.value } : null
      return
    }
    event.preventDefault()
    event.stopPropagation()
    if (before) {
      before.field.value = before.value // What the scanner typed into a field is not meant there.
      before.field.dispatchEvent(new Event('input', { bubbles: true }))
    }
    const scanned = typed(code)
    if (scanned) deliver(scanned)
  }

  fallback = otherwise
  onMounted(() => addEventListener('keydown', hear, true))
  onBeforeUnmount(() => removeEventListener('keydown', hear, true))
}
