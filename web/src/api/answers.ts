// What the questions of traceability answer; docs/design/trace.md defines each of them.

import type { Measured } from '../measured'

export type Grade = 'certain' | 'possible'
export type Direction = 'back' | 'forward'

export interface Name {
  en?: string
  zh?: string
}

export interface Seen {
  sequence: number
  event_id: string
  event_time: string
  record_time: string
  type: string
  through: string[]
  action?: string
  business_step?: string
  disposition?: string
  read_point?: string
  business_location?: string
  sources?: Party[]
  destinations?: Party[]
  note?: string
  attachments?: { sha256: string; media_type: string }[]
  measured?: Measured[]
  corrected?: Corrected // It was declared in error, and counts for nothing.
  replaces?: Corrected // It is right instead of another.
}

// That an event was declared in error: which, when, why, and what is right instead.
export interface Corrected {
  event_id: string
  declared: string
  reason?: string
  why?: string
  corrective_event_ids?: string[]
}

export interface Party {
  type: string
  source: string
  destination: string
}

export interface Brief {
  uri: string
  position: number
  product: string | null
  lot: string | null
  place?: string
  holder?: string
  disposition?: string
  hold?: string[]
  containers?: string[]
  dates?: GoodUntil[]
  last_event?: Seen
  names: Record<string, Name>
}

export interface TracedObject {
  uri: string
  grade: Grade
  moment?: string
  product?: string
  lot?: string
}

export interface ProductCount {
  product: string | null
  certain: number
  possible: number
  lots: number
  name?: string
  name_zh?: string
}

export interface Link {
  object: string
  into: boolean
  transformation: number
  sequence: number
  event_time: string
}

export interface Traced {
  direction: Direction
  starts: string[]
  position: number
  complete: boolean
  objects: number
  certain: number
  carriers: number
  seconds: number
  products: ProductCount[]
  object_list: TracedObject[]
  links: Link[]
}

export interface Inside {
  uri: string
  containers?: string[]
  depth?: number
  since?: string
}

export interface Gap {
  kind: string
  event_time?: string
  objects?: string[]
  expected?: string
  found?: string
}

export interface StoryCode {
  key: string
  code: string
  scan: string
  title_en: string
  title_zh: string
  en: string
  zh: string
}

export interface Session {
  user: string
  name: string
  tenant: string
  language: string
  roles: string[]
  permissions: string[]
  csrf: string
  plant: string
  access_end: string | null
}

export interface ProblemDocument {
  status: number
  title: string
  detail?: string
  code?: string
  errors?: { code: string; message: string }[]
}

// The first page, search, live updates and recalls.

export type HitKind =
  | 'code'
  | 'product'
  | 'place'
  | 'party'
  | 'equipment'
  | 'person'
  | 'lot'
  | 'serial'
  | 'other'

export interface Hit {
  kind: HitKind
  uri: string
  name?: string
  name_zh?: string
}

export interface Day {
  day: string
  time_zone: string
  last_day: string | null
  first_recorded: string | null
  last_recorded: string | null
  position: number
  objects: number
  events: number
  hours: number[]
  steps: { business_step: string | null; events: number }[]
  places: { place: string; events: number; name?: string; name_zh?: string }[]
  place_count: number
  placed: number
  lately: { seen: Seen; objects: string[]; object_count: number }[]
  names: Record<string, Name>
}

export interface Attention {
  position: number
  is_counting: boolean
  counted_at: number | null
  on_hold: number | null
  held: { uri: string; hold: string[]; product?: string; name?: string; name_zh?: string }[]
  gaps: number | null
  overdue: number | null
  expired: number | null
  captures_refused: number
  captures_waiting: number
  keys_expiring?: number
  log: { state: 'whole' | 'late' | 'broken'; proven: number; is_kept: boolean }
}

export type Matter = 'on_hold' | 'expired' | 'refused' | 'waiting'

export interface Thing {
  uri: string
  hold: string[]
  product?: string
  place?: string
  name?: string
  name_zh?: string
}

export type DateKind = 'expiry' | 'sell_by' | 'best_before'

export interface PastDate {
  kind: DateKind
  ends: string
  objects: number
  product?: string
  lot?: string
  is_lot?: boolean
  quantity?: number
  uom?: string
  place?: string
  name?: string
  name_zh?: string
}

export interface CaptureShown {
  capture_id: string
  created: string
  finished: string | null
  captured_events: number
  error_count: number
  errors: { title?: string; detail?: string }[]
}

export interface Listed {
  count: number
  row_count: number
  rows: Thing[] | PastDate[] | CaptureShown[]
}

export interface GoodUntil {
  kind: DateKind
  day: string
  ends: string
  is_past: boolean
  of: 'itself' | 'lot'
}

export interface PlaceCount {
  place: string
  first?: string
  last?: string
  objects: number
  received: number
  name?: string
  name_zh?: string
}

export interface PartyCount {
  party: string
  sent: number
  got: number
  first: string
  last: string
  name?: string
  name_zh?: string
}

export interface LotCount {
  lot: string | null
  certain: number
  possible: number
  product?: string
  name?: string
  name_zh?: string
  quantity?: number
  quantity_uom?: string
}

export interface DayCount {
  day: string | null
  certain: number
  possible: number
}

export interface DetailedObject extends TracedObject {
  first_time?: string
  last_time?: string
  quantity?: number
  quantity_uom?: string
  place?: string
  holder?: string
  hold?: string[]
}

export interface TraceHead {
  position: number
  complete: boolean
  objects: number
  certain: number
  carriers: number
  gaps?: number
  products: ProductCount[]
  places?: PlaceCount[]
  parties?: PartyCount[]
  lots?: LotCount[]
  lot_count?: number
  days?: DayCount[]
  object_list: DetailedObject[]
}

export interface There {
  status: 'here' | 'on_the_way'
  objects: number
  product?: string
  lot?: string
  is_lot?: boolean
  quantity?: number
  uom?: string
  disposition?: string
  is_held?: boolean
  since?: string
  last?: string
  things?: string[] // The first of those without a product.
  name?: string
  name_zh?: string
}

export interface AtPlace {
  uri: string
  position: number
  part_of: string | null
  objects: number
  units: number
  lots: number
  containers: number
  held: number
  on_the_way: number
  sold: number
  used: number
  destroyed: number
  parts: {
    place: string
    objects: number
    units: number
    lots: number
    name?: string
    name_zh?: string
  }[]
  row_count: number
  rows: There[]
  names: Record<string, Name>
}

export type Stage = 'on_site' | 'on_the_way' | 'delivered' | 'sold' | 'used' | 'destroyed' | 'in_units'

export interface RecallRow {
  stage: Stage
  objects: number
  certain: number
  party?: string
  place?: string
  product?: string
  lot?: string
  is_lot?: boolean
  quantity?: number
  uom?: string
  sent?: number
  remaining?: number
  last?: string
  is_ours?: boolean
  party_name?: string
  party_name_zh?: string
  place_name?: string
  place_name_zh?: string
  name?: string
  name_zh?: string
}

export interface MockRecall {
  starts: string[]
  position: number
  complete: boolean
  objects: number
  counted_starts: number
  certain: number
  possible: number
  lots: number
  units: number
  out: number
  carriers: number
  places: number
  parties: number
  without_place: number
  without_recipient: number
  packed: number
  products: {
    product: string | null
    lots: number
    units: number
    certain: number
    possible: number
    quantities?: { quantity: number; uom: string }[]
    unmeasured?: number
    name?: string
    name_zh?: string
  }[]
  stages: { stage: Stage; objects: number; certain: number; lots: number; units: number }[]
  recipients: {
    party: string
    objects: number
    certain: number
    lots: number
    units: number
    on_the_way: number
    quantities?: { quantity: number; uom: string }[]
    unmeasured?: number
    last?: string
    is_ours?: boolean
    name?: string
    name_zh?: string
  }[]
  container_count: number
  containers: { uri: string; objects: number }[]
  row_count: number
  rows: RecallRow[]
}

export interface Shared {
  rank: number
  kind: string
  value: string
  suspects: number
  rest: number
  lift: number
  chance: number
  first?: string
  last?: string
  name?: string
  name_zh?: string
}

export interface Common {
  suspects: string[]
  rest: number
  rest_taken: number
  position: number
  shared: Shared[]
}

export interface Version {
  grade: Grade
  moment?: string
  portion?: number | 'unknown'
  uom?: string
  carried?: number
}

export interface Change {
  kind: string
  change: 'came' | 'went' | 'changed'
  uri: string
  product?: string
  lot?: string
  before?: Version
  after?: Version
}
