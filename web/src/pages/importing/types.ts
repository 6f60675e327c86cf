// What the routes of imports answer; docs/guide/import.md says what it means.

import type { ProblemDocument } from '../../api/answers'

export interface Reading {
  encoding?: string
  delimiter?: string
  quote?: string
  sheet?: string
  header_row?: number
}

export type DateOrder = 'ymd' | 'dmy' | 'mdy'

export interface Mapping {
  template: string
  columns: Record<string, string>
  values: Record<string, string>
  group: string[]
  time_zone: string
  date_order: DateOrder
  decimal: '.' | ','
  product_codes: 'any' | 'gs1' | 'plant'
  reading: Reading
}

export interface Found {
  kind: 'csv' | 'workbook'
  encoding: string
  delimiter: string
  sheets: string[]
  hidden_sheets: string[]
  sheet: string
  header_row: number
  columns: string[]
  rows: number
  filled: number
}

export interface Result {
  rows: number
  failed: number
  events: number
  captured: number
  known: number
  elements: number
  counts: Record<string, number>
  example: string | null
  amounts_unknown?: number // Jobs of before do not say.
  seconds: number
}

export type Message = NonNullable<ProblemDocument['errors']>[number]

export interface Job {
  kind: 'check' | 'run'
  actor_name: string
  created: string
  started: string | null
  finished: string | null
  progress: { phase: string; done: number; total: number } | null
  result: Result | null
  problems: Message[]
}

export interface Upload {
  import: string
  file_name: string
  size_bytes: number
  actor_name: string
  created: string
  expires: string
  reading: Reading
  found: Found
  mapping: Mapping
  job: Job | null
}

export interface Fault extends Message {
  row: number
  column: number
  said: string
}

export interface SheetRow {
  row: number
  cells: string[]
  faults?: Fault[]
}

export interface Preview {
  rows: SheetRow[]
  events: { rows: number[]; event: Record<string, unknown> }[]
  faults: Fault[]
  notes: Fault[]
  problems: Message[]
}

interface Names {
  en: string
  zh: string
}

export interface Template {
  template: string
  names: Names
  texts: Names
  fields: string[]
  required: string[]
  business_step: string
  disposition: string
  is_master_data: boolean
}

export interface Field {
  field: string
  names: Names
  hints: Names
  kind: string
}

export interface Fields {
  templates: Template[]
  fields: Field[]
}

export interface SavedMapping {
  name: string
  mapping: Mapping
  actor_name: string
  changed: string
}
