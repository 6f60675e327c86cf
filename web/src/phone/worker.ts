// The service worker: registered where the browser has one, and told when it may take over.

import { ref } from 'vue'

// Service workers and the camera exist on HTTPS and on this machine itself alone.
const REGISTERED_MS = 1_500
export const isSecure = globalThis.isSecureContext
export const update = ref<ServiceWorker | null>(null)

export function watchWorker(): void {
  if (!navigator.serviceWorker || !isSecure) return
  // It fetches all pages for later; the page that is open now comes first.
  setTimeout(register, REGISTERED_MS)
}

function register(): void {
  const registering = navigator.serviceWorker.register('/m/sw.js', { scope: '/m' })
  void registering.then(watchUpdates).catch(() => {}) // Works without, but not offline.
  void navigator.storage?.persist?.()
}

function watchUpdates(registration: ServiceWorkerRegistration): void {
  const offer = () => {
    if (registration.waiting && navigator.serviceWorker.controller) {
      update.value = registration.waiting
    }
  }
  offer()
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', offer)
  })
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void registration.update().catch(() => {})
  })
}

// Have the new version take over, and begin again with it.
export function takeUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload())
  update.value?.postMessage('take_over')
}
