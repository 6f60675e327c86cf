// What the server says of a map, and where a place stands on it. Pure.

import { ask, client } from '../api/client'

export type Position = readonly [number, number]

export interface Drawn {
  number: number
  points: Position[]
  lines: Position[][]
  areas: Position[][][]
  place: string | null
  label: string | null
  name: string | null
  name_zh: string | null
  at: Position | null
}

export interface PlaceMap {
  kind: 'degrees' | 'plan'
  bounds: [number, number, number, number]
  features: Drawn[]
}

export interface StoredMap extends PlaceMap {
  file_name: string
  bytes: number
  sha256: string
  changed: string
}

export function fetchMap(): Promise<StoredMap | null> {
  return ask<{ map: StoredMap | null }>(client.GET('/api/map')).then(({ map }) => map)
}

export interface Standing {
  drawn: Drawn
  at: Position
  isSite: boolean // It is its site that is on the map, not itself.
}

const EXTENSION = '/254/'
const GEO = /^geo:(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)(?:[,;].*)?$/

// Give where a place stands: on its own feature, else on that of its site. A position by
// satellite stands where it says, on a map in degrees.
export function standingOf(map: PlaceMap, place: string): Standing | null {
  const own = plain(place)
  const found = byPlace(map)
  const drawn = found.get(own)
  if (drawn?.at) return { drawn, at: drawn.at, isSite: false }
  const site = found.get(own.split(EXTENSION)[0] ?? own)
  if (site?.at) return { drawn: site, at: site.at, isSite: true }
  const [, north, east] = GEO.exec(place) ?? []
  if (map.kind !== 'degrees' || north === undefined || east === undefined) return null
  const at: Position = [Number(east), Number(north)]
  return { drawn: pointAt(at, place), at, isSite: false }
}

const indexes = new WeakMap<PlaceMap, Map<string, Drawn>>()

function byPlace(map: PlaceMap): Map<string, Drawn> {
  let found = indexes.get(map)
  if (!found) {
    found = new Map()
    for (const one of map.features) {
      if (one.place && one.at && !found.has(plain(one.place))) found.set(plain(one.place), one)
    }
    indexes.set(map, found)
  }
  return found
}

// Extension 0 says that there is none.
function plain(place: string): string {
  return place.endsWith(`${EXTENSION}0`) ? place.slice(0, -EXTENSION.length - 1) : place
}

function pointAt(at: Position, place: string): Drawn {
  return {
    number: -1,
    points: [at],
    lines: [],
    areas: [],
    place,
    label: null,
    name: null,
    name_zh: null,
    at,
  }
}
