// Brings the outbox to the server: in order, each once, and nothing is ever dropped in silence.
//
// An entry leaves the outbox only when the server has said that its event is in the journal. A
// refusal sets it aside with its reasons; anything else leaves it where it was. An answer that
// was lost on its way does no harm: the same event with the same ID counts once.

import { type CodeRead, eventOf, type PhotoRef } from './observation'
import type { Entry, Photo, Reason, Scanned, Store } from './store'

export interface Answered {
  status: number // 0 when no answer came.
  body: unknown
  position?: number
  retry_s?: number
}

export interface Server {
  read: (code: string) => Promise<Answered>
  keep: (photo: PhotoRef, data: ArrayBuffer) => Promise<Answered>
  capture: (body: string) => Promise<Answered>
}

export type Stopped =
  | { why: 'done' }
  | { why: 'offline' }
  | { why: 'signed_out' }
  | { why: 'later'; retry_s: number }

export type Fate = 'good' | 'refused' | 'offline' | 'signed_out' | 'later'

const SENT_KEPT = 100
const LATER = new Set([408, 425, 429])
const OURS = new Set(['api.csrf_wrong', 'api.origin_foreign'])

interface Problem {
  code?: string
  detail?: string
  title?: string
  errors?: { code: string; message: string }[]
}

// What an answer means for what was sent.
export function fateOf({ status, body }: Answered): Fate {
  if (status === 0) return 'offline'
  if (status === 401) return 'signed_out'
  if (status === 403 && OURS.has((body as Problem | null)?.code ?? '')) return 'signed_out'
  if (status >= 500 || LATER.has(status)) return 'later'
  return status >= 200 && status < 300 ? 'good' : 'refused'
}

function reasonsOf({ status, body }: Answered): Reason[] {
  const problem = (body ?? {}) as Problem
  if (problem.errors?.length) return problem.errors.map(({ code, message }) => ({ code, message }))
  const message = problem.detail ?? problem.title ?? String(status)
  return [{ code: problem.code ?? String(status), message }]
}

class Halt extends Error {
  constructor(readonly stopped: Stopped) {
    super(stopped.why)
  }
}

// Thrown where the server has refused: the entry is set aside.
class Refusal extends Error {
  constructor(readonly reasons: Reason[]) {
    super(reasons[0]?.message)
  }
}

async function answered(asking: Promise<Answered>): Promise<Answered> {
  const answer = await asking
  const fate = fateOf(answer)
  if (fate === 'good') return answer
  if (fate === 'refused') throw new Refusal(reasonsOf(answer))
  if (fate === 'later') throw new Halt({ why: 'later', retry_s: answer.retry_s ?? 0 })
  throw new Halt({ why: fate })
}

// Send all that waits of one user. Called twice at once, it does no harm, only work.
export async function sendAll(store: Store, server: Server, user: string): Promise<Stopped> {
  for (;;) {
    const entry = await nextOf(store, user)
    if (!entry) return { why: 'done' }
    try {
      await sendOne(store, server, entry)
    } catch (error) {
      if (error instanceof Halt) return error.stopped
      if (!(error instanceof Refusal)) throw error
      await store.outbox.update(entry.number as number, {
        state: 'refused',
        reasons: error.reasons,
      })
    }
  }
}

async function nextOf(store: Store, user: string): Promise<Entry | undefined> {
  const waiting = store.outbox.where('user').equals(user)
  const entries = await waiting.filter((one) => one.state === 'waiting').sortBy('number')
  return entries[0]
}

async function sendOne(store: Store, server: Server, entry: Entry): Promise<void> {
  const body = entry.body ?? (await writeBody(store, server, entry))
  for (const sha256 of entry.photos) await sendPhoto(store, server, [entry.user, sha256])
  const { position = 0 } = await answered(server.capture(body))
  const { user, id, made, codes, place, step } = entry
  await store.transaction('rw', store.outbox, store.sent, store.photos, async () => {
    await store.outbox.delete(entry.number as number)
    const sent = new Date().toISOString()
    await store.sent.add({ user, id, made, sent, position, codes, place, step })
    await dropPhotos(store, user, entry.photos)
    const old = await store.sent.where('user').equals(user).reverse().sortBy('number')
    await store.sent.bulkDelete(old.slice(SENT_KEPT).map((one) => one.number as number))
  })
}

// Let photos go that no entry needs any more: one may stand in several.
export async function dropPhotos(store: Store, user: string, photos: string[]): Promise<void> {
  const needed = new Set<string>()
  await store.outbox.where('user').equals(user).each((one) => {
    for (const sha256 of one.photos) needed.add(sha256)
  })
  const idle = photos.filter((sha256) => !needed.has(sha256))
  await store.photos.bulkDelete(idle.map((sha256) => [user, sha256]))
}

// Understand the codes and write the event down, so that each attempt sends the same.
async function writeBody(store: Store, server: Server, entry: Entry): Promise<string> {
  const reasons: Reason[] = []
  async function read({ code, shown }: Scanned): Promise<CodeRead | null> {
    try {
      return (await answered(server.read(code))).body as CodeRead
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      for (const one of error.reasons) {
        reasons.push({ code: one.code, message: `${shown}: ${one.message}` })
      }
      return null
    }
  }
  const place = await read(entry.place)
  const codes: (CodeRead | null)[] = []
  for (const one of entry.codes) codes.push(await read(one))
  if (reasons.length) throw new Refusal(reasons)
  const photos = await photosOf(store, entry)
  const made = eventOf(entry, codes as CodeRead[], place as CodeRead, photos)
  if ('reasons' in made) throw new Refusal(made.reasons)
  const body = JSON.stringify(made.body)
  await store.outbox.update(entry.number as number, { body })
  return body
}

export async function photosOf(store: Store, { user, photos }: Entry): Promise<Photo[]> {
  const found = await store.photos.bulkGet(photos.map((sha256) => [user, sha256]))
  return found.filter((one) => one !== undefined)
}

async function sendPhoto(store: Store, server: Server, key: [string, string]): Promise<void> {
  const photo = await store.photos.get(key)
  if (!photo || photo.is_sent) return
  await answered(server.keep(photo, photo.data))
  await store.photos.update(key, { is_sent: 1 })
}

// How long to wait before the next attempt: longer each time, and not all phones at once.
export function pause_s(attempts: number, random = Math.random()): number {
  return Math.min(300, 5 * 2 ** Math.min(attempts, 10)) * (0.75 + random / 2)
}
