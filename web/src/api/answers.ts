// What the questions of traceability answer; docs/design/trace.md defines each of them.

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
