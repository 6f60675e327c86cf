// What the server tells of events to people.

import type { Seen } from '../../api/answers'

export interface EventRow extends Seen {
  event_time_zone_offset: string
  objects: number
  declares?: string
  is_corrected?: boolean
}

export interface Who {
  actor: string
  name: string
}

export interface Mention {
  uri: string
  quantity?: number
  uom?: string
  word?: string
}

export interface Declaration {
  sequence: number
  record_time: string
  reason: string | null
  why: string
  corrective_event_ids: string[]
  origin: Who | null
}

export type Body = Record<string, unknown>

export interface ShownEvent {
  row: EventRow
  body: Body
  mentions: Record<string, Mention[]>
  event_hash: string
  origin: Who | null
  declaration: Declaration | null
  corrects: string[]
}

export interface CodeFound {
  code: string
  uri?: string
  kind?: string
  level?: string
  product?: string | null
  lot?: string | null
  is_known?: boolean
  names?: { en?: string; zh?: string }
  errors?: { code: string; message: string }[]
}
