// Documents on their way into the record: read from files, checked, captured, followed.

import { ask, client } from '../../api/client'
import { isXml } from './locate'

export interface Fault {
  code: string
  message: string
  where?: string
  rule?: string
  expected?: string
  found?: string
}
export interface CheckedEvent {
  position: number
  event_id: string
  type: string
  event_time: string
  business_step?: string
  is_declaration: boolean
  outcome: 'new' | 'known' | 'refused'
  things: string[]
  objects: number
}
export interface Checked {
  is_valid: boolean
  kind: string
  events: number
  event_types: Record<string, number>
  known: number
  master_data: number
  problems: number
  errors: Fault[]
  event_list: CheckedEvent[]
}
// How far a job is that is worked on; what is stored counts only when all of it is.
export interface Progress {
  phase: 'reading' | 'checking' | 'storing'
  percent: number
  bytes: number
  bytesRead: number
  eventsRead: number
  eventsChecked: number
  eventsStored: number
}
export interface Job {
  captureID: string
  running: boolean
  success: boolean
  capturedEvents: number
  duplicateEvents: number
  position?: number
  progress?: Progress
  errors: { code?: string; detail?: string; title: string; where?: string }[]
}

const FIRST_WAIT_MS = 150
const WAIT_MS_MAX = 500 // The server tells how far it is some times a second.

// Read a file as text, packed or not.
export async function readFile(file: File): Promise<string> {
  const start = new Uint8Array(await file.slice(0, 2).arrayBuffer())
  const isPacked = start[0] === 0x1f && start[1] === 0x8b
  if (!isPacked) return file.text()
  const unpacked = file.stream().pipeThrough(new DecompressionStream('gzip'))
  return new Response(unpacked).text()
}

// Faults with their places in the text, in the order of its lines; what has no place comes first.
export function inOrder<P extends { line: number }>(
  faults: readonly Fault[],
  placeOf: (fault: Fault) => P | null,
): { fault: Fault; place: P | null }[] {
  const found = faults.map((fault) => ({ fault, place: placeOf(fault) }))
  return found.sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0))
}

function typeOf(text: string): string {
  return isXml(text) ? 'application/xml' : 'application/json'
}
const asIs = (body: unknown) => body as string

export function check(text: string): Promise<Checked> {
  const headers = { 'Content-Type': typeOf(text) }
  return ask<Checked>(
    client.POST('/api/check', { body: text as never, bodySerializer: asIs, headers }),
  )
}

// Say how far a job is, as the name of a text with its figures.
export function progressText(progress: Progress | undefined): [string, Record<string, number>] {
  if (!progress) return ['capture.waiting', {}]
  const { phase, bytes, bytesRead, eventsRead, eventsChecked, eventsStored } = progress
  if (phase === 'reading')
    return ['capture.reading_document', { done: inMegabytes(bytesRead), total: inMegabytes(bytes), events: eventsRead }]
  if (phase === 'checking') return ['capture.checking_events', { done: eventsChecked, total: eventsRead }]
  if (!eventsStored) return ['capture.numbering', { total: eventsRead }]
  return ['capture.storing', { done: eventsStored, total: eventsRead }]
}
function inMegabytes(bytes: number): number {
  return Math.round(bytes / 100_000) / 10
}

// Ask how a job stands, in the language of now.
export function findJob(captureID: string): Promise<Job> {
  const params = { path: { capture_id: captureID } }
  return ask<Job>(client.GET('/epcis/capture/{capture_id}', { params }))
}

// Hand a document in, and follow its job to the end.
export async function capture(
  text: string,
  behaviour: 'rollback' | 'proceed',
  onStep: (job: Job) => void,
): Promise<Job> {
  const headers = { 'Content-Type': typeOf(text), 'GS1-Capture-Error-Behaviour': behaviour }
  let job = await ask<Job>(
    client.POST('/epcis/capture', { body: text as never, bodySerializer: asIs, headers }),
  )
  for (let wait_ms = FIRST_WAIT_MS; job.running; wait_ms = Math.min(wait_ms * 1.5, WAIT_MS_MAX)) {
    onStep(job)
    await new Promise((done) => setTimeout(done, wait_ms))
    job = await findJob(job.captureID)
  }
  onStep(job)
  return job
}
