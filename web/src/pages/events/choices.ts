// What can be chosen in filters and forms: words and places that the record knows.

import { computed, reactive } from 'vue'

import { ask, client } from '../../api/client'
import { wordName } from '../../measured'
import { knownName, wantNames } from '../../names'
import { language, t, te } from '../../texts'

const MANY = 1_000

interface Choices {
  steps: string[]
  dispositions: string[]
  places: string[]
}

const known = reactive<Choices>({ steps: [], dispositions: [], places: [] })
let isAsked = false

async function members(path: string): Promise<string[]> {
  const params = { query: { perPage: MANY } }
  const asked = client.GET(path as '/epcis/bizSteps', { params })
  return (await ask<{ member: string[] }>(asked)).member
}

async function learn(): Promise<void> {
  const [steps, dispositions, locations, readPoints] = await Promise.all(
    ['bizSteps', 'dispositions', 'bizLocations', 'readPoints'].map((one) =>
      members(`/epcis/${one}`).catch(() => [] as string[]),
    ),
  )
  known.steps = steps ?? []
  known.dispositions = dispositions ?? []
  known.places = [...new Set([...(locations ?? []), ...(readPoints ?? [])])]
  wantNames(known.places)
}

// Ask for them once; they fill in when they come.
export function useChoices() {
  if (!isAsked) {
    isAsked = true
    void learn()
  }
  const order = computed(() => new Intl.Collator(language.value === 'zh' ? 'zh-CN' : 'en').compare)
  return {
    steps: computed(() => sorted(known.steps, stepName, order.value)),
    dispositions: computed(() => sorted(known.dispositions, dispositionName, order.value)),
    places: computed(() =>
      sorted(known.places, (one) => knownName(one) ?? one, order.value),
    ),
  }
}

export interface Choice {
  value: string
  name: string
}

function sorted(
  values: string[],
  nameOf: (one: string) => string,
  compare: (a: string, b: string) => number,
): Choice[] {
  return values
    .map((value) => ({ value, name: nameOf(value) }))
    .sort((a, b) => compare(a.name, b.name))
}

function said(prefix: string, uri: string): string {
  return wordName(prefix, uri, t, te)
}

export const stepName = (uri: string): string => said('stepName', uri)
export const dispositionName = (uri: string): string => said('disposition', uri)
export const transactionName = (uri: string): string => said('transactionName', uri)
export const partyName = (uri: string): string => said('partyName', uri)
export const measureName = (uri: string): string => said('measureName', uri)
export const typeName = (type: string): string => said('typeName', type)
export const actionName = (action: string): string => said('actionName', action)
export const reasonName = (reason: string): string => said('reasonName', reason.replace(/^.*ER-/, ''))
