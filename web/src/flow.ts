// What a history says of places, ways and operations: spans on a line of time. Pure.

import type { Seen } from './api/answers'
import { word } from './codes'

export interface Span {
  place: string // The place; of a way the one that it leads to.
  from: string | null // Of a way, where it began.
  kind: 'at' | 'way'
  start: number // Milliseconds since 1970.
  end: number
  isOpen: boolean // Nothing says that it ended.
  events: Seen[]
}

export interface Operation {
  step: string
  at: number
  place: string | null
  seen: Seen
}

export interface PlaceStay {
  place: string
  first: number
  last: number
  dwell_ms: number
  visits: number
  events: number
  isHere: boolean
}

const LEAVING = new Set(['shipping', 'departing', 'loading', 'consigning', 'returning', 'transporting'])
const ENDING = new Set(['retail_selling', 'destroying', 'decommissioning', 'dispensing'])

const at = (seen: Seen): number => Date.parse(seen.event_time)
export const stepOf = (seen: Seen): string => (seen.business_step ? word(seen.business_step) : '')
// A position by satellite is no place where anything stays: it is on its way.
const isPosition = (place: string): boolean => place.startsWith('geo:')
const placeOf = (seen: Seen): string | null => seen.business_location ?? seen.read_point ?? null

// Give where it was and how it went from one place to the next, in the order of time. Events
// without a place say nothing of it.
export function spansOf(events: readonly Seen[], now: number): Span[] {
  const spans: Span[] = []
  let here = null as Span | null
  let isLeaving = false
  for (const seen of events) {
    const place = placeOf(seen)
    if (!place) continue
    if (isPosition(place)) {
      isLeaving = true
      continue
    }
    const moment = at(seen)
    if (here && here.place === place && !isLeaving) {
      here.end = moment
      here.events.push(seen)
    } else {
      const before: Span | null = here
      if (before && before.place !== place) {
        // It stays where it was last until it is seen elsewhere, unless it was sent off.
        if (!isLeaving) before.end = moment
        else if (moment > before.end) {
          spans.push({
            place,
            from: before.place,
            kind: 'way',
            start: before.end,
            end: moment,
            isOpen: false,
            events: [],
          })
        }
      }
      if (before && before.place === place) {
        before.end = moment
        before.events.push(seen)
        here = before
      } else {
        here = { place, from: null, kind: 'at', start: moment, end: moment, isOpen: false, events: [seen] }
        spans.push(here)
      }
    }
    isLeaving = LEAVING.has(stepOf(seen))
  }
  const last = events.at(-1)
  if (here && last && !ENDING.has(stepOf(last)) && here.end < now) {
    if (isLeaving) {
      spans.push({
        place: '',
        from: here.place,
        kind: 'way',
        start: here.end,
        end: now,
        isOpen: true,
        events: [],
      })
    } else {
      here.end = now
      here.isOpen = true
    }
  }
  return spans
}

// Give what was done with it: everything that is more than having been seen.
export function operationsOf(events: readonly Seen[]): Operation[] {
  return events
    .filter((seen) => stepOf(seen))
    .map((seen) => ({ step: stepOf(seen), at: at(seen), place: placeOf(seen), seen }))
}

// Give each place once, in the order of the first visit, with all the time spent there.
export function placesOf(spans: readonly Span[]): PlaceStay[] {
  const found = new Map<string, PlaceStay>()
  for (const span of spans) {
    if (span.kind !== 'at') continue
    const known = found.get(span.place)
    if (known) {
      known.last = span.end
      known.dwell_ms += span.end - span.start
      known.visits += 1
      known.events += span.events.length
      known.isHere ||= span.isOpen
    } else {
      found.set(span.place, {
        place: span.place,
        first: span.start,
        last: span.end,
        dwell_ms: span.end - span.start,
        visits: 1,
        events: span.events.length,
        isHere: span.isOpen,
      })
    }
  }
  return [...found.values()]
}

// Give moments for the marks of an axis: about `count` of them, at round times of the reader's day.
export function marksOf(start: number, end: number, count: number): number[] {
  const minute = 60_000
  const hour = 60 * minute
  const day = 24 * hour
  const widths = [
    ...[minute, 5 * minute, 15 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour],
    ...[day, 2 * day, 7 * day, 14 * day, 30 * day, 91 * day, 182 * day, 365 * day, 3650 * day],
  ]
  const width = widths.find((one) => (end - start) / one <= count) ?? (end - start) / count
  const shift = new Date(start).getTimezoneOffset() * minute
  const first = Math.ceil((start - shift) / width) * width + shift
  const marks: number[] = []
  for (let mark = first; mark <= end && marks.length <= 2 * count; mark += width) marks.push(mark)
  return marks
}
