// What a scanned code is, in a moment: from the server, else from what it said before.

import type { Brief, Seen } from '../api/answers'
import { asQuery } from '../api/client'
import { bracketed, kindOf, word } from '../codes'
import { knownName, learnNames, nameOf } from '../names'
import { language } from '../texts/language'
import { store } from './db'
import type { Remembered, Scan, Scanned, Verdict } from './store'
import { csrf, link, me, noteLink } from './who'
import { t, te } from './words'

const WAIT_MS = 8_000
const SCANS_KEPT = 50
const ANSWERS_KEPT = 500
// What somebody holding the thing should stop at.
const STOPPING = new Set([
  'recalled',
  'destroyed',
  'expired',
  'damaged',
  'disposed',
  'stolen',
  'non_conformant',
  'no_pedigree_match',
  'quarantined',
  'mismatch_instance',
  'mismatch_class',
])

export interface Found {
  scan: Scan
  brief: Brief | null
  at: string | null // When it was said, if that was not now.
  settled: Promise<void> // When all of it is kept.
}

export class Unreachable extends Error {}
export class Told extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

export async function get<T>(path: string, query: Record<string, unknown>): Promise<T> {
  let response: Response
  try {
    response = await fetch(`${path}?${asQuery(query)}`, {
      headers: { Accept: 'application/json', 'Accept-Language': language.value },
      signal: AbortSignal.timeout(WAIT_MS),
    })
  } catch {
    noteLink('offline')
    throw new Unreachable()
  }
  if (response.status === 401) noteLink('signed_out')
  if (response.status === 401 || response.status >= 500 || response.status === 429) {
    throw new Unreachable()
  }
  if (link.value === 'offline' || !csrf.value) noteLink('signed_in')
  const body = (await response.json()) as T & { detail?: string; title?: string }
  if (!response.ok) throw new Told(response.status, body.detail ?? body.title ?? '')
  return body
}

export function titleOf(brief: Brief): string {
  const product = brief.product ? knownName(brief.product) : undefined
  return knownName(brief.uri) ?? product ?? t(`kind.${kindOf(brief.uri)}`)
}

export function dispositionName(uri: string): string {
  const said = word(uri)
  return te(`disposition.${said}`) ? t(`disposition.${said}`) : said.replaceAll('_', ' ')
}

export function verdictOf(brief: Brief): Verdict {
  if (brief.hold?.length) return 'held'
  if (brief.dates?.some((one) => one.is_past)) return 'warned'
  return brief.disposition && STOPPING.has(word(brief.disposition)) ? 'warned' : 'good'
}

// What is said below the title: why to stop, else where it is.
function saidOf(brief: Brief): string {
  const between = language.value === 'zh' ? '、' : ', '
  if (brief.hold?.length) return brief.hold.map(dispositionName).join(between)
  const said = brief.disposition ? dispositionName(brief.disposition) : ''
  return [brief.place ? nameOf(brief.place) : '', said].filter(Boolean).join(' · ')
}

export function answerKey(code: string): string {
  return `${me.value?.key ?? ''} ${code}`
}

export async function ask(code: string): Promise<Remembered> {
  const brief = await get<Brief>('/api/object', { code })
  learnNames(brief.names)
  const user = me.value?.key ?? ''
  const row = { key: answerKey(code), user, at: new Date().toISOString(), brief }
  keeping = keepAnswer(row) // For the next time, without a network: nobody waits for it now.
  return row
}

let keeping: Promise<void> = Promise.resolve()
export const answersKept = (): Promise<void> => keeping

async function keepAnswer(row: Remembered): Promise<void> {
  const before = await store.answers.get(row.key)
  const { story, held_inputs } = before ?? {}
  const whole = { ...row, ...(story && { story }), ...(held_inputs && { held_inputs }) }
  await store.answers.bulkPut([whole, { ...whole, key: answerKey(row.brief.uri) }])
  if ((await store.answers.count()) > ANSWERS_KEPT) {
    const old = await store.answers.orderBy('at').limit(50).primaryKeys()
    await store.answers.bulkDelete(old)
  }
}

export async function recall(code: string): Promise<Remembered | null> {
  const found = (await store.answers.get(answerKey(code))) ?? null
  if (found) learnNames(found.brief.names)
  return found
}

export async function askStory(uri: string): Promise<Seen[]> {
  const { events } = await get<{ events: Seen[] }>('/api/history', {
    code: uri,
    corrections: true,
  })
  await keeping
  await store.answers.update(answerKey(uri), { story: events })
  return events
}

// Look a code up. The scan is kept before its answer is shown, so that it can't be lost; both are
// under way at once, since somebody stands there and waits.
export async function lookUp({ code, shown }: Scanned): Promise<Found> {
  const user = me.value?.key ?? ''
  const made = new Date().toISOString()
  const scan: Scan = { user, code, shown, made, verdict: 'waiting', title: '', said: '' }
  const [{ brief, at }, number] = await Promise.all([judge(scan), keepScan({ ...scan })])
  scan.number = number
  return { scan, brief, at, settled: settle(scan) }
}

function keepScan(scan: Scan): Promise<number> {
  return store.transaction('rw', store.scans, async () => {
    const mine = store.scans.where('user').equals(scan.user)
    await mine.filter((one) => one.code === scan.code).delete()
    return store.scans.add(scan)
  })
}

// Keep what was said of a scan, and forget the oldest.
async function settle(scan: Scan): Promise<void> {
  await store.scans.update(scan.number as number, { ...scan })
  const all = await store.scans.where('user').equals(scan.user).primaryKeys()
  await store.scans.bulkDelete(all.slice(0, -SCANS_KEPT))
}

// Find out what a scan is, and write it into it.
async function judge(scan: Scan): Promise<Pick<Found, 'brief' | 'at'>> {
  let brief: Brief | null = null
  let at: string | null = null
  try {
    brief = (await ask(scan.code)).brief
    Object.assign(scan, told(brief))
  } catch (error) {
    if (error instanceof Told) {
      const verdict = error.status === 404 ? 'unknown' : 'wrong'
      Object.assign(scan, { verdict, title: scan.shown, said: error.message })
    } else if (error instanceof Unreachable) {
      const before = await recall(scan.code)
      brief = before?.brief ?? null
      at = before?.at ?? null
      if (brief) Object.assign(scan, { ...told(brief), verdict: 'waiting' })
      else scan.title = scan.shown
    } else throw error
  }
  return { brief, at }
}

function told(brief: Brief): Pick<Scan, 'verdict' | 'title' | 'said' | 'shown'> {
  const [title, said] = [titleOf(brief), saidOf(brief)]
  return { verdict: verdictOf(brief), title, said, shown: bracketed(brief.uri) }
}

// Tell what is known of a scan in the language of now; its verdict stays as it was.
export async function retold(scan: Scan): Promise<Scan> {
  const before = await recall(scan.code)
  return before ? { ...scan, ...told(before.brief), verdict: scan.verdict } : scan
}

// Look up what was scanned without a network. Gives what somebody should know of.
export async function lookUpWaiting(): Promise<Scan[]> {
  const user = me.value?.key ?? ''
  const scans = await store.scans.where('user').equals(user).sortBy('number')
  const alarming: Scan[] = []
  for (const scan of scans.filter((one) => one.verdict === 'waiting')) {
    await judge(scan)
    if (scan.verdict === 'waiting') break
    await store.scans.update(scan.number as number, { ...scan })
    if (scan.verdict !== 'good') alarming.push(scan)
  }
  return alarming
}
