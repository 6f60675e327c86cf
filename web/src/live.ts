// Growth of the record, heard as it comes. One stream a window, and only while it is looked at:
// a browser keeps few connections to one server, and a hidden page has nobody to tell.

import { onScopeDispose, readonly, ref } from 'vue'

import { sparingly } from './sparingly'

const position = ref<number | null>(null)
export const livePosition = readonly(position)

const AGAIN_MS = 30_000
const FIRST_MS = 1_500 // What a page shows first goes first.
const listeners = new Set<() => void>()
let stream: EventSource | null = null
let again: ReturnType<typeof setTimeout> | undefined

function open(): void {
  if (stream || !listeners.size || document.hidden) return
  stream = new EventSource('/api/live')
  stream.addEventListener('position', (event) => {
    const told = (JSON.parse(event.data) as { position: number }).position
    const isNews = position.value !== null && told !== position.value
    position.value = told
    if (isNews) for (const listener of listeners) listener()
  })
  stream.addEventListener('over', close) // The session is; the next question asks to sign in.
  stream.addEventListener('error', () => {
    if (stream?.readyState !== EventSource.CLOSED) return // The browser tries again by itself.
    close()
    soon(AGAIN_MS)
  })
}

function soon(ms: number): void {
  clearTimeout(again)
  again = setTimeout(open, ms)
}

function close(): void {
  clearTimeout(again)
  stream?.close()
  stream = null
}

document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()))

// Call back when the record has grown: at once, and then no more often than a page can bear.
export function onGrowth(call: () => void, rest_ms = 2_000): void {
  const hear = sparingly(call, rest_ms)
  listeners.add(hear)
  if (!stream) soon(FIRST_MS)
  onScopeDispose(() => {
    listeners.delete(hear)
    if (!listeners.size) close()
  })
}
