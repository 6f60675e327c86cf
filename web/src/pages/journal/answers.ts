// How the record stands, as the server tells it.

import type { ProblemDocument } from '../../api/answers'

export interface Growth {
  day: string
  entries: number
}
export interface Log {
  key: string
  fingerprint: string
  size: number
  note: string
  created: string | null
}
export interface Journal {
  position: number
  objects: number
  last_record_time: string | null
  tenant: string
  growth: Growth[]
  log: Log | null
  address: string
}
export type State = 'running' | 'sound' | 'broken' | 'stopped' | 'failed' | 'cut_off'
export interface Verification {
  verification: string
  created: string
  finished: string | null
  state: State
  by: string
  done: number
  total: number
  problems: number
  report: {
    entries: number
    postings: number
    checkpoints: number
    tiles: number
    covered: number
    root: string
  } | null
  errors: ProblemDocument[]
}
export interface Backup {
  file: string
  made: string
  bytes: number
  seconds: number
  by: string
  is_there: boolean
}
export interface Backups {
  folder: string
  backups: Backup[]
  restore: string
  running: { file: string; started: string; by: string; seconds: number; bytes: number } | null
  errors: ProblemDocument[]
}
