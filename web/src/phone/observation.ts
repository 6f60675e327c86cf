// An observation as an EPCIS 2.0 event. Pure: says what is sent, and what can't be.

import type { Entry, Reason } from './store'

export interface CodeRead {
  uri: string
  level: 'class' | 'lot' | 'instance' | 'place' | 'party' | 'unknown'
  alternatives: string[]
}

export interface PhotoRef {
  sha256: string
  media_type: string
}

const CONTEXT = [
  'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld',
  { suyuan: 'https://ns.suyuan.dev/' },
]
const PLACE = /^https:\/\/id\.gs1\.org\/414\//

// The place that a code names; a bare GLN looks like a product, and the answer says so.
export function placeOf(read: CodeRead): string | null {
  if (read.level === 'place' || read.level === 'unknown') return read.uri
  return read.alternatives.find((one) => PLACE.test(one)) ?? null
}

export function eventOf(
  entry: Entry,
  codes: readonly CodeRead[],
  place: CodeRead,
  photos: readonly PhotoRef[],
): { body: object } | { reasons: Reason[] } {
  const reasons: Reason[] = []
  codes.forEach((read, at) => {
    if (read.level === 'place' || read.level === 'party') {
      reasons.push({ code: 'phone.code_is_place', message: entry.codes[at]?.shown ?? read.uri })
    }
  })
  const where = placeOf(place)
  if (!where) reasons.push({ code: 'phone.place_is_thing', message: entry.place.shown })
  if (reasons.length) return { reasons }

  const unique = [...new Map(codes.map((read) => [read.uri, read])).values()]
  const isClass = (read: CodeRead) => read.level === 'class' || read.level === 'lot'
  const things = unique.filter((read) => !isClass(read)).map((read) => read.uri)
  const classes = unique.filter(isClass).map((read) => ({ epcClass: read.uri }))
  return {
    body: {
      '@context': CONTEXT,
      type: 'ObjectEvent',
      eventID: entry.id,
      eventTime: entry.made,
      eventTimeZoneOffset: entry.offset,
      action: 'OBSERVE',
      ...(things.length ? { epcList: things } : {}),
      ...(classes.length ? { quantityList: classes } : {}),
      bizStep: entry.step,
      ...(entry.disposition ? { disposition: entry.disposition } : {}),
      readPoint: { id: where },
      bizLocation: { id: where },
      ...(entry.note ? { 'suyuan:note': entry.note } : {}),
      ...(photos.length
        ? {
            'suyuan:attachment': photos.map((one) => ({
              'suyuan:sha256': one.sha256,
              'suyuan:mediaType': one.media_type,
            })),
          }
        : {}),
    },
  }
}

// The time of this place, as EPCIS wants it: `2026-11-26T12:00:00.000+08:00`, and the zone.
export function localTime(at: Date, minutes = -at.getTimezoneOffset()): [string, string] {
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0')
  const size = Math.abs(minutes)
  const offset = `${minutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`
  const local = new Date(at.getTime() + minutes * 60_000).toISOString().slice(0, -1)
  return [local + offset, offset]
}

// A random ID for an event; the browser's own function for it exists only with HTTPS.
export function newEventId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, '0')).join('')
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
