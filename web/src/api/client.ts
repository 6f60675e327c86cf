// Speaks to the server. Every failure arrives as a Trouble that carries the server's own words.

import createClient from 'openapi-fetch'

import type { ProblemDocument } from './answers'
import type { paths } from './described'

export class Trouble extends Error {
  constructor(readonly problem: ProblemDocument) {
    super(problem.detail ?? problem.title)
  }

  get isUnknown(): boolean {
    return this.problem.status === 404
  }

  get messages(): string[] {
    const told = this.problem.errors?.map((one) => one.message) ?? []
    return told.length ? told : [this.message]
  }
}

let language = 'en'
let csrf = ''
let onSignedOut: () => void = () => {}
let onShut: () => void = () => {}

export function speakIn(chosen: string): void {
  language = chosen
}

export function actFor(
  token: string,
  whenSignedOut: () => void,
  whenShut: () => void = () => {},
): void {
  csrf = token
  onSignedOut = whenSignedOut
  onShut = whenShut
}

export const client = createClient<paths>({ baseUrl: '', querySerializer: asQuery })

client.use({
  onRequest({ request }) {
    request.headers.set('Accept-Language', language)
    if (request.method !== 'GET' && csrf) request.headers.set('X-Suyuan-CSRF', csrf)
    return request
  },
})

// Lists repeat their name, and what is empty is left out.
export function asQuery(query: Record<string, unknown>): string {
  const said = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== '') said.append(name, String(one))
    }
  }
  return said.toString()
}

interface Answered {
  data?: unknown
  error?: unknown
  response: Response
}

// Wait for an answer and take it as what the documentation says it is.
export async function ask<T>(asked: Promise<Answered>): Promise<T> {
  let answered: Answered
  try {
    answered = await asked
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Trouble({ status: 0, title: 'offline', code: 'web.offline' })
  }
  const { data, error, response } = answered
  if (response.ok) return data as T
  if (response.status === 401) onSignedOut()
  if (response.status === 403) onShut()
  const problem = typeof error === 'object' && error ? (error as ProblemDocument) : null
  throw new Trouble(problem ?? { status: response.status, title: response.statusText })
}
