// What happens in a plant, in the words of the plant, as the five event types of the standard.

import type { EventType } from '../events/vocabulary'
import { type Draft, emptyDraft, type ListName } from './draft'

export type Part =
  | 'parent'
  | 'things'
  | 'inputs'
  | 'outputs'
  | 'location'
  | 'sources'
  | 'destinations'
  | 'transactions'
  | 'disposition'
  | 'readings'
  | 'plant'
  | 'ilmd'
  | 'step'
  | 'action'
  | 'readPoint'

export interface What {
  id: string
  type: EventType
  action: string
  step: string
  disposition: string
  parts: readonly Part[] // What is asked for at once; the rest stands behind "more".
}

function what(
  id: string,
  type: EventType,
  action: string,
  step: string,
  disposition: string,
  ...parts: Part[]
): What {
  return { id, type, action, step, disposition, parts }
}

export const WHATS: readonly What[] = [
  what('receive', 'ObjectEvent', 'OBSERVE', 'receiving', 'in_progress', 'things', 'location', 'sources', 'transactions'),
  what('ship', 'ObjectEvent', 'OBSERVE', 'shipping', 'in_transit', 'things', 'location', 'destinations', 'transactions'),
  what('store', 'ObjectEvent', 'OBSERVE', 'storing', 'in_progress', 'things', 'location'),
  what('commission', 'ObjectEvent', 'ADD', 'commissioning', 'active', 'things', 'location', 'ilmd'),
  what('inspect', 'ObjectEvent', 'OBSERVE', 'inspecting', 'conformant', 'things', 'location', 'disposition', 'readings'),
  what('hold', 'ObjectEvent', 'OBSERVE', 'holding', 'non_conformant', 'things', 'location', 'disposition'),
  what('measure', 'ObjectEvent', 'OBSERVE', 'sensor_reporting', '', 'things', 'location', 'readings'),
  what('destroy', 'ObjectEvent', 'DELETE', 'destroying', 'destroyed', 'things', 'location'),
  what('observe', 'ObjectEvent', 'OBSERVE', '', '', 'step', 'things', 'location', 'disposition'),
  what('pack', 'AggregationEvent', 'ADD', 'packing', 'in_progress', 'parent', 'things', 'location'),
  what('unpack', 'AggregationEvent', 'DELETE', 'unpacking', 'in_progress', 'parent', 'things', 'location'),
  what('load', 'AggregationEvent', 'ADD', 'loading', 'in_transit', 'parent', 'things', 'location'),
  what('unload', 'AggregationEvent', 'DELETE', 'unloading', 'in_progress', 'parent', 'things', 'location'),
  what('make', 'TransformationEvent', '', 'commissioning', 'in_progress', 'inputs', 'outputs', 'location', 'plant', 'ilmd'),
  what('mount', 'AssociationEvent', 'ADD', 'installing', 'in_progress', 'parent', 'things', 'location'),
  what('unmount', 'AssociationEvent', 'DELETE', 'removing', 'in_progress', 'parent', 'things', 'location'),
  what('link', 'TransactionEvent', 'ADD', '', '', 'transactions', 'things', 'location'),
  what('unlink', 'TransactionEvent', 'DELETE', '', '', 'transactions', 'things', 'location'),
]

export function whatOf(id: string): What | undefined {
  return WHATS.find((one) => one.id === id)
}

// The kind that an event most likely was, to show its form again.
export function whatLike(draft: Draft): What {
  const fits = WHATS.filter((one) => one.type === draft.type && one.action === draft.action)
  return (
    fits.find((one) => one.step === draft.step) ??
    fits.find((one) => one.id === 'observe') ??
    fits[0] ??
    WHATS[0]!
  )
}

export function begin(kind: What, now = new Date()): Draft {
  const { type, action, step, disposition } = kind
  const draft = { ...emptyDraft(type, now), action, step, disposition }
  if (kind.parts.includes('sources')) draft.sources = [{ type: 'possessing_party', id: '' }]
  if (kind.parts.includes('destinations')) draft.destinations = [{ type: 'possessing_party', id: '' }]
  if (kind.parts.includes('transactions')) draft.transactions = [{ type: 'po', id: '' }]
  if (kind.parts.includes('readings')) {
    draft.readings = [{ type: 'Temperature', value: '', uom: 'CEL', device: '' }]
  }
  return draft
}

export const LIST_PARTS: readonly ListName[] = ['parent', 'inputs', 'outputs', 'things']

export function listsOf(type: EventType): ListName[] {
  if (type === 'TransformationEvent') return ['inputs', 'outputs']
  return type === 'ObjectEvent' ? ['things'] : ['parent', 'things']
}
