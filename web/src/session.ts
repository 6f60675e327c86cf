// Who is asking. Without accounts on the server there is an anonymous reader.

import { readonly, ref } from 'vue'

import type { Session } from './api/answers'
import { actFor, asQuery } from './api/client'
import { forgetRecent, openRecent } from './recent'

const known = ref<Session | null>(null)
export const session = readonly(known)

// Tell whether whoever is asking may do something; the server has the last word.
export function may(permission: string): boolean {
  return known.value === null || known.value.permissions.includes(permission)
}

function goToSignIn(): void {
  const next = location.pathname + location.search
  location.assign(`/sign_in?${asQuery({ next })}`)
}

// Find out who is asking. Gives false when the browser is on its way to the sign-in page.
export async function openSession(): Promise<boolean> {
  const response = await fetch('/api/session', { headers: { Accept: 'application/json' } })
  if (response.status === 401) {
    goToSignIn()
    return false
  }
  if (response.ok) {
    known.value = (await response.json()) as Session
    openRecent(known.value.user, known.value.tenant)
    actFor(known.value.csrf, goToSignIn, () => void refreshSession())
  }
  return true
}

export async function closeSession(): Promise<void> {
  const csrf = known.value?.csrf ?? ''
  await fetch('/api/session', { method: 'DELETE', headers: { 'X-Suyuan-CSRF': csrf } })
  known.value = null
  forgetRecent()
  location.assign('/sign_in')
}

// Look again who is asking and what they may do: it may have changed since.
export async function refreshSession(): Promise<void> {
  const response = await fetch('/api/session', { headers: { Accept: 'application/json' } })
  if (response.ok) known.value = (await response.json()) as Session
}

// Have the language that was chosen here be that of the account, too.
export async function rememberLanguage(language: string): Promise<void> {
  if (!known.value) return
  const headers = { 'Content-Type': 'application/json', 'X-Suyuan-CSRF': known.value.csrf }
  await fetch('/api/session', { method: 'PATCH', headers, body: JSON.stringify({ language }) })
}
