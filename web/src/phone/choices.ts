// What can be chosen where something is recorded: places, steps, conditions. 选项

import { ref } from 'vue'

import { shortCode } from '../codes'
import { knownName, learnNames } from '../names'
import type { Name } from '../api/answers'
import { get } from './lookup'
import { store } from './db'
import { me } from './who'

const CBV_STEP = 'https://ref.gs1.org/cbv/BizStep-'
const CBV_DISPOSITION = 'https://ref.gs1.org/cbv/Disp-'
const PLACES_MAX = 1_000
const NAMES_AT_ONCE = 150

// The steps of the vocabulary at which somebody looks at something without changing it.
const STEPS = [
  'inspecting',
  'receiving',
  'storing',
  'stocking',
  'picking',
  'loading',
  'departing',
  'arriving',
  'unloading',
  'shipping',
  'cycle_counting',
  'stock_taking',
  'sampling',
  'holding',
  'accepting',
  'other',
]
const DISPOSITIONS = [
  'in_progress',
  'conformant',
  'non_conformant',
  'damaged',
  'expired',
  'container_open',
  'container_closed',
  'in_transit',
  'sellable_accessible',
  'sellable_not_accessible',
  'returned',
  'recalled',
  'destroyed',
]

export const stepChoices = STEPS.map((one) => CBV_STEP + one)
export const dispositionChoices = DISPOSITIONS.map((one) => CBV_DISPOSITION + one)

export interface Place {
  uri: string
  name: string
}

interface KeptPlaces {
  uris: string[]
  names: Record<string, Name>
}

const places = ref<string[]>([])
export const recentPlaces = ref<string[]>([])

export function placeName(uri: string): string {
  return knownName(uri) ?? shortCode(uri)
}

// The places that the record knows: those of the last time at once, then those of now.
export async function loadPlaces(): Promise<void> {
  const key = `places ${me.value?.key}`
  recentPlaces.value = (await store.recall<string[]>(`recent ${key}`)) ?? []
  const kept = await store.recall<KeptPlaces>(key)
  if (kept) {
    learnNames(kept.names)
    places.value = kept.uris
  }
  try {
    const uris = new Set<string>()
    for (const kind of ['bizLocations', 'readPoints']) {
      const { member } = await get<{ member: string[] }>(`/epcis/${kind}`, { perPage: PLACES_MAX })
      for (const uri of member) uris.add(uri)
    }
    // A point on the map is where something was seen, and no place to choose.
    const all = [...uris].filter((one) => !one.startsWith('geo:'))
    const names: Record<string, Name> = {}
    for (let at = 0; at < all.length; at += NAMES_AT_ONCE) {
      const id = all.slice(at, at + NAMES_AT_ONCE)
      Object.assign(names, (await get<KeptPlaces>('/api/names', { id })).names)
    }
    learnNames(names)
    places.value = all
    await store.remember(key, { uris: all, names })
  } catch {
    // Those of the last time have to do.
  }
}

export function findPlaces(text: string): Place[] {
  const wanted = text.trim().toLowerCase()
  const all = places.value.map((uri) => ({ uri, name: placeName(uri) }))
  const fitting = all.filter(
    ({ uri, name }) => name.toLowerCase().includes(wanted) || uri.toLowerCase().includes(wanted),
  )
  return fitting.sort((a, b) => a.name.localeCompare(b.name))
}

export async function notePlace(uri: string): Promise<void> {
  recentPlaces.value = [uri, ...recentPlaces.value.filter((one) => one !== uri)].slice(0, 5)
  await store.remember(`recent places ${me.value?.key}`, recentPlaces.value)
}

