// Who works on this phone. Known from the last time, when the server can't be asked now.

import { computed, ref } from 'vue'

import type { Session } from '../api/answers'
import { actFor, asQuery } from '../api/client'
import { store } from './db'
import { askSession, keyOf } from './server'

export interface Me {
  key: string
  name: string
  tenant: string
  permissions: string[]
  language: string
}

export type Link = 'signed_in' | 'signed_out' | 'offline'

const WHO = 'who'
export const me = ref<Me | null>(null)
export const link = ref<Link>('offline')
export const csrf = ref('')
export const isOnline = computed(() => link.value !== 'offline')

export function may(permission: string): boolean {
  return me.value?.permissions.includes(permission) ?? false
}

export function signInAddress(): string {
  return `/sign_in?${asQuery({ next: location.pathname + location.search })}`
}

// Note what an answer tells of the network and of the session.
export function noteLink(seen: Link): void {
  if (link.value === seen) return
  // To be back is not to be signed in: the server has to be asked for that.
  if (seen === 'signed_in') void openSession()
  else link.value = seen
}

let opening: Promise<Link> | null = null

// Find out who is signed in. Several who ask at once get one answer.
export function openSession(): Promise<Link> {
  opening ??= findOut().finally(() => (opening = null))
  return opening
}

async function findOut(): Promise<Link> {
  me.value ??= await store.recall<Me>(WHO)
  const { status, session } = await askSession()
  if (session) await take(session)
  link.value = session ? 'signed_in' : status === 401 ? 'signed_out' : 'offline'
  return link.value
}

async function take(session: Session): Promise<void> {
  const { name, tenant, permissions, language } = session
  me.value = { key: keyOf(session), name, tenant, permissions: [...permissions], language }
  csrf.value = session.csrf
  actFor(session.csrf, () => noteLink('signed_out'))
  await store.remember(WHO, me.value)
}

// Have the language that was chosen here be that of the account, too.
export async function rememberLanguage(language: string): Promise<void> {
  if (link.value !== 'signed_in') return
  const headers = { 'Content-Type': 'application/json', 'X-Suyuan-CSRF': csrf.value }
  await fetch('/api/session', { method: 'PATCH', headers, body: JSON.stringify({ language }) })
}

// Sign out. What was only looked at goes; what waits in the outbox stays for its user.
export async function leave(): Promise<void> {
  const key = me.value?.key
  await fetch('/api/session', { method: 'DELETE', headers: { 'X-Suyuan-CSRF': csrf.value } })
  if (key) {
    await store.answers.where('user').equals(key).delete()
    await store.scans.where('user').equals(key).delete()
  }
  await store.kept.delete(WHO)
  location.assign('/sign_in?next=%2Fm')
}
