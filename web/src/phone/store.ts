// What the phone keeps: everything scanned, until the server has it. 存储
//
// One database in the browser (IndexedDB). Each row belongs to the user who made it, by a key of
// tenant and user: somebody else who signs in on this phone neither sees nor sends it.

import { Dexie, type Table } from 'dexie'

import type { Brief, Seen } from '../api/answers'
import type { HeldInputs } from '../madeOf'

export interface Scanned {
  code: string // As it was scanned; the server understands spellings.
  shown: string // As people read it.
  title?: string
}

export interface Reason {
  code: string
  message: string // In the words of the server, empty where the code is one of our own.
}

// One observation on its way to the record. Its number is the order in which it was made.
export interface Entry {
  number?: number
  id: string // The event ID, made with the entry: captured twice, it counts once.
  user: string
  user_name: string
  made: string
  offset: string
  codes: Scanned[]
  place: Scanned
  step: string
  disposition: string
  note: string
  photos: string[]
  state: 'waiting' | 'refused'
  body: string | null // What is sent, once it is known: each time the same.
  reasons: Reason[]
}

export interface Sent {
  number?: number
  user: string
  id: string
  made: string
  sent: string
  position: number
  codes: Scanned[]
  place: Scanned
  step: string
}

export interface Photo {
  sha256: string
  user: string
  media_type: string
  data: ArrayBuffer
  is_sent: 0 | 1
}

export type Verdict = 'good' | 'warned' | 'held' | 'unknown' | 'wrong' | 'waiting'

export interface Scan {
  number?: number
  user: string
  code: string
  shown: string
  made: string
  verdict: Verdict
  title: string
  said: string
}

// An answer that was given before, to be read again without a network.
export interface Remembered {
  key: string // User and code, as it was asked for.
  user: string
  at: string
  brief: Brief
  story?: Seen[]
  held_inputs?: HeldInputs
}

export interface Kept {
  key: string
  value: unknown
}

export class Store extends Dexie {
  outbox!: Table<Entry, number>
  sent!: Table<Sent, number>
  photos!: Table<Photo, [string, string]>
  scans!: Table<Scan, number>
  answers!: Table<Remembered, string>
  kept!: Table<Kept, string>

  constructor(name = 'suyuan') {
    super(name)
    this.version(1).stores({
      outbox: '++number, &id, user',
      sent: '++number, user',
      photos: '&[user+sha256]',
      scans: '++number, user',
      answers: '&key, user, at',
      kept: '&key',
    })
  }

  async recall<T>(key: string): Promise<T | null> {
    return ((await this.kept.get(key))?.value as T | undefined) ?? null
  }

  async remember(key: string, value: unknown): Promise<void> {
    // A plain copy: what pages show are proxies, which a database can't keep.
    await this.kept.put({ key, value: JSON.parse(JSON.stringify(value)) })
  }
}
