// Speaks to the server for the outbox, from a page and from the service worker alike.

import type { Session } from '../api/answers'
import type { Answered, Server } from './outbox'

const WAIT_MS = 15_000
const PHOTO_WAIT_MS = 60_000

async function send(path: string, how: RequestInit, wait_ms = WAIT_MS): Promise<Answered> {
  try {
    const response = await fetch(path, { ...how, signal: AbortSignal.timeout(wait_ms) })
    const isJson = /json/.test(response.headers.get('Content-Type') ?? '')
    const position = Number(response.headers.get('Suyuan-Position'))
    const retry_s = Number(response.headers.get('Retry-After'))
    return {
      status: response.status,
      body: isJson ? await response.json() : null,
      ...(position ? { position } : {}),
      ...(retry_s ? { retry_s } : {}),
    }
  } catch {
    return { status: 0, body: null } // No network, no server, or too slow: all the same here.
  }
}

export async function askSession(): Promise<{ status: number; session: Session | null }> {
  const how = { headers: { Accept: 'application/json' }, cache: 'no-store' } as const
  const { status, body } = await send('/api/session', how, 8_000)
  return { status, session: status === 200 ? (body as Session) : null }
}

export function serverFor(csrf: string, language: string): Server {
  const headers = {
    Accept: 'application/json',
    'Accept-Language': language,
    'X-Suyuan-CSRF': csrf,
  }
  const json = { ...headers, 'Content-Type': 'application/json' }
  return {
    read: (code) => send(`/api/code?${new URLSearchParams({ code })}`, { headers }),
    keep: ({ sha256, media_type }, data) =>
      send(
        `/api/attachments/${sha256}`,
        { method: 'PUT', headers: { ...headers, 'Content-Type': media_type }, body: data },
        PHOTO_WAIT_MS,
      ),
    capture: (body) => send('/epcis/events', { method: 'POST', headers: json, body }),
  }
}

export function keyOf(session: Pick<Session, 'tenant' | 'user'>): string {
  return `${session.tenant}/${session.user}`
}
