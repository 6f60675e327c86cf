// What is about to be recorded. Kept at each change, so that a page that is closed loses nothing.

import { reactive, watch } from 'vue'

import { store } from './db'
import { localTime, newEventId } from './observation'
import type { Entry, Scanned } from './store'
import { me } from './who'

export interface Draft {
  codes: Scanned[]
  place: Scanned | null
  step: string
  disposition: string
  note: string
  photos: string[]
  isEach: boolean
  from: { number: number; id: string; made: string; offset: string } | null
}

function empty(): Draft {
  return {
    codes: [],
    place: null,
    step: 'https://ref.gs1.org/cbv/BizStep-inspecting',
    disposition: '',
    note: '',
    photos: [],
    isEach: false,
    from: null,
  }
}

export const draft = reactive<Draft>(empty())
let owner = ''

export async function openDraft(): Promise<void> {
  const key = me.value?.key ?? ''
  if (owner === key) return
  Object.assign(draft, empty(), await store.recall<Draft>(`draft ${key}`))
  if (!owner) watch(draft, () => void store.remember(`draft ${owner}`, draft))
  owner = key
}

// Where, what and how stay for the next one; what was there and what was seen does not.
export function clearDraft(): void {
  Object.assign(draft, { codes: [], note: '', photos: [], from: null })
}

export function entryOf(codes: Scanned[]): Entry {
  const [made, offset] = localTime(new Date())
  const { place, step, disposition, note, photos, from } = draft
  return {
    ...(from ? { number: from.number } : {}),
    id: from?.id ?? newEventId(),
    user: me.value?.key ?? '',
    user_name: me.value?.name ?? '',
    made: from?.made ?? made,
    offset: from?.offset ?? offset,
    codes,
    place: place ?? { code: '', shown: '' },
    step,
    disposition,
    note: note.trim(),
    photos: [...photos],
    state: 'waiting',
    body: null,
    reasons: [],
  }
}

// Take a refused entry up again, to mend it and send it anew.
export function takeUp(entry: Entry): void {
  const { codes, place, step, disposition, note, photos, id, made, offset } = entry
  const from = { number: entry.number ?? 0, id, made, offset }
  Object.assign(draft, { codes, place, step, disposition, note, photos, from, isEach: false })
}
