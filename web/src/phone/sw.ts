// The service worker of `/m`: keeps the pages for when there is no network, and sends the outbox
// when the network is back and no page is open. Answers of the server are not its business: those
// belong to a user, and pages keep them under that user's key.

import { sendAll } from './outbox'
import { askSession, keyOf, serverFor } from './server'
import { Store } from './store'

declare const __PRECACHE__: string[]
declare const __VERSION__: string

interface Extendable extends Event {
  waitUntil: (until: Promise<unknown>) => void
}
interface Fetching extends Extendable {
  readonly request: Request
  respondWith: (answer: Promise<Response>) => void
}
interface Syncing extends Extendable {
  readonly tag: string
}
interface Speaking extends Extendable {
  readonly data: unknown
}
interface Scope {
  addEventListener: (name: string, act: (event: never) => void) => void
  skipWaiting: () => Promise<void>
  clients: {
    claim: () => Promise<void>
    matchAll: () => Promise<{ postMessage: (said: string) => void }[]>
  }
}
const scope = self as unknown as Scope

const KEPT = __PRECACHE__
const CACHE = `suyuan-phone-${__VERSION__}`
const DOCUMENT = '/m'

scope.addEventListener('install', (event: Extendable) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      // Each file anew: an old one under a name that stays would make a wrong mixture.
      cache.addAll(KEPT.map((path) => new Request(path, { cache: 'reload' }))),
    ),
  )
})

scope.addEventListener('activate', (event: Extendable) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith('suyuan-phone-') && name !== CACHE) await caches.delete(name)
      }
      await scope.clients.claim()
    })(),
  )
})

scope.addEventListener('message', (event: Speaking) => {
  if (event.data === 'take_over') event.waitUntil(scope.skipWaiting())
})

scope.addEventListener('fetch', (event: Fetching) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  const isPage = request.mode === 'navigate' && (pathname === DOCUMENT || pathname.startsWith('/m/'))
  if (isPage) event.respondWith(give(DOCUMENT, request))
  else if (KEPT.includes(pathname)) event.respondWith(give(pathname, request))
})

async function give(path: string, request: Request): Promise<Response> {
  const kept = await (await caches.open(CACHE)).match(path)
  return kept ?? fetch(request)
}

scope.addEventListener('sync', (event: Syncing) => {
  if (event.tag === 'outbox') event.waitUntil(sendInBackground())
})

// Send what waits for whoever is signed in now. What is thrown has the browser try again later.
async function sendInBackground(): Promise<void> {
  const { session } = await askSession()
  if (!session) return
  const store = new Store()
  try {
    const send = () =>
      sendAll(store, serverFor(session.csrf, session.language), keyOf(session))
    const stopped = await navigator.locks.request('suyuan.outbox', send)
    for (const page of await scope.clients.matchAll()) page.postMessage('outbox.changed')
    if (stopped.why === 'offline' || stopped.why === 'later') throw new Error(stopped.why)
  } finally {
    store.close()
  }
}
