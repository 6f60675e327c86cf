// When the outbox is sent: at once, when the network is back, when the page is looked at again,
// and after a pause that grows. Where the browser can, its service worker goes on alone.

import { ref, watch } from 'vue'

import { language } from '../texts/language'
import { store } from './db'
import { pause_s, sendAll, type Stopped } from './outbox'
import { serverFor } from './server'
import type { Entry, Sent } from './store'
import { csrf, link, me, noteLink, openSession } from './who'

export const waiting = ref<Entry[]>([])
export const refused = ref<Entry[]>([])
export const sent = ref<Sent[]>([])
export const foreign = ref(new Map<string, number>())
export const isSending = ref(false)
export const isCounted = ref(false) // Before that, nobody can say that nothing waits.

const SYNC = 'outbox'
let attempts = 0
let timer = 0
let isAgain = false
const atDone: (() => void | Promise<void>)[] = []

export function whenBack(act: () => void | Promise<void>): void {
  atDone.push(act)
}

export async function refresh(): Promise<void> {
  const mine = me.value?.key ?? ''
  const all = await store.outbox.orderBy('number').toArray()
  const own = all.filter((one) => one.user === mine)
  waiting.value = own.filter((one) => one.state === 'waiting')
  refused.value = own.filter((one) => one.state === 'refused')
  sent.value = (await store.sent.where('user').equals(mine).sortBy('number')).reverse()
  isCounted.value = true
  foreign.value = new Map()
  for (const one of all) {
    if (one.user === mine) continue
    foreign.value.set(one.user_name, (foreign.value.get(one.user_name) ?? 0) + 1)
  }
}

export async function add(entry: Entry): Promise<void> {
  await store.outbox.put(JSON.parse(JSON.stringify(entry)) as Entry)
  await refresh()
  void askForSync()
  void sendNow()
}

// Send what waits, and what waits to be looked up. Never two at once.
export async function sendNow(): Promise<void> {
  if (isSending.value) {
    isAgain = true
    return
  }
  isSending.value = true
  window.clearTimeout(timer)
  try {
    do {
      isAgain = false
      await attempt()
    } while (isAgain && link.value === 'signed_in')
  } finally {
    isSending.value = false
  }
}

async function attempt(): Promise<void> {
  if (link.value !== 'signed_in' && (await openSession()) !== 'signed_in') {
    await refresh()
    if (link.value === 'offline') later(pause_s(attempts++))
    return
  }
  let stopped = await sendMine()
  // The session may have been renewed beside us: who is signed in now decides.
  if (stopped.why === 'signed_out' && (await openSession()) === 'signed_in') {
    stopped = await sendMine()
  }
  await refresh()
  if (stopped.why === 'done') {
    attempts = 0
    for (const act of atDone) await act()
  } else if (stopped.why === 'later') later(Math.max(stopped.retry_s, pause_s(attempts++)))
  else noteLink(stopped.why)
}

async function sendMine(): Promise<Stopped> {
  const user = me.value?.key
  if (!user) return { why: 'signed_out' }
  const send = () => sendAll(store, serverFor(csrf.value, language.value), user)
  // One sender at a time among windows and the worker, where the browser can tell them.
  return navigator.locks ? await navigator.locks.request('suyuan.outbox', send) : await send()
}

function later(seconds: number): void {
  window.clearTimeout(timer)
  timer = window.setTimeout(() => void sendNow(), seconds * 1000)
}

interface Syncing extends ServiceWorkerRegistration {
  sync?: { register: (tag: string) => Promise<void> }
}

async function askForSync(): Promise<void> {
  if (!navigator.serviceWorker?.controller) return
  const worker = (await navigator.serviceWorker.ready) as Syncing
  await worker.sync?.register(SYNC).catch(() => {}) // Not allowed: the page sends by itself.
}

export function startSending(): void {
  const now = () => void sendNow()
  addEventListener('online', now)
  addEventListener('offline', () => noteLink('offline'))
  addEventListener('pageshow', now)
  document.addEventListener('visibilitychange', () => document.hidden || now())
  navigator.serviceWorker?.addEventListener('message', ({ data }) => {
    if (data === 'outbox.changed') void refresh()
  })
  // While there is no network, look again now and then: browsers don't always notice.
  watch(link, (seen) => seen === 'offline' && later(pause_s(attempts++)))
  now()
}
