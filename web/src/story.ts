// Events as sentences that a person would say. Pure: says which text and what to fill in.

import type { Seen } from './api/answers'
import { word } from './codes'

export interface Sentence {
  key: string
  place: string | null
  source: string | null
  destination: string | null
  step: string
  container: string | null
  disposition: string | null
  late_ms: number
}

const LATE_MS = 24 * 3600 * 1000

// Choose the sentence for an event; `has` tells which texts the catalogue has.
export function sentenceFor(seen: Seen, uri: string, has: (key: string) => boolean): Sentence {
  const place = seen.business_location ?? seen.read_point ?? null
  const destination = end(seen.destinations, 'destination')
  const source = end(seen.sources, 'source')
  const step = seen.business_step ? word(seen.business_step) : ''
  let key = step ? `step.${step}` : `story.no_step.${seen.type}`
  if (!step && has(`${key}_${seen.action}`)) key += `_${seen.action}`
  if (step && !has(key)) key = 'story.unnamed_step'
  if (destination && has(`${key}_to`)) key += '_to'
  else if (source && has(`${key}_from`)) key += '_from'
  const late_ms = Date.parse(seen.record_time) - Date.parse(seen.event_time)
  return {
    key,
    place,
    source,
    destination,
    step: step.replaceAll('_', ' '),
    container: seen.through.includes(uri) ? null : (seen.through[0] ?? null),
    disposition: seen.disposition ? word(seen.disposition) : null,
    late_ms: late_ms > LATE_MS ? late_ms : 0,
  }
}

export interface ToldCorrection {
  key: string
  declared: string
  why: string
  link: string
  others: string[] // The events that are right instead, or the one that was in error.
}

// Say that an event was declared in error, or is right instead of one that was.
export function correctionOf({ corrected, replaces }: Seen): ToldCorrection | null {
  const one = corrected ?? replaces
  if (!one) return null
  const right = one.corrective_event_ids ?? []
  const others = corrected ? right : [one.event_id]
  const key = !corrected ? 'replaces' : right.length ? 'corrected' : 'withdrawn'
  return {
    key: `story.${key}`,
    declared: one.declared,
    why: one.why ?? '',
    link: corrected ? 'story.right_event' : 'story.wrong_event',
    others,
  }
}

// A place says more than a party, the party that holds it more than its owner.
function end(parties: Seen['sources'], side: 'source' | 'destination'): string | null {
  for (const type of ['location', 'possessing_party', 'owning_party']) {
    const found = parties?.find((one) => word(one.type) === type && one[side])
    if (found) return found[side]
  }
  return parties?.[0]?.[side] || null
}

export interface Day<T> {
  day: string
  entries: T[]
}

// Put what follows in time under its day, as the calendar of the reader has it.
export function byDay<T>(entries: T[], dayOf: (entry: T) => string): Day<T>[] {
  const days: Day<T>[] = []
  for (const entry of entries) {
    const day = dayOf(entry)
    const last = days.at(-1)
    if (last?.day === day) last.entries.push(entry)
    else days.push({ day, entries: [entry] })
  }
  return days
}

export interface Run<T> {
  shown: T[]
  like: T[] // More of the same, folded until somebody asks for them.
}

const RUN_MIN = 5 // Fewer are no longer than the line that would stand for them.

// Fold long runs that follow each other and say the same.
export function runsOf<T>(entries: readonly T[], saidBy: (entry: T) => string): Run<T>[] {
  const runs: T[][] = []
  for (const entry of entries) {
    const last = runs.at(-1)
    if (last?.[0] !== undefined && saidBy(last[0]) === saidBy(entry)) last.push(entry)
    else runs.push([entry])
  }
  return runs.map((run) =>
    run.length < RUN_MIN ? { shown: run, like: [] } : { shown: run.slice(0, 1), like: run.slice(1) },
  )
}
