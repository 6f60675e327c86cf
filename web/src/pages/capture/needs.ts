// What the story of an event needs to be told, before the event is sent.

import { type Draft, hasParent, transactionUri } from './draft'
import type { What } from './kinds'

export type Need =
  | 'place'
  | 'step'
  | 'source'
  | 'destination'
  | 'parent'
  | 'things'
  | 'inputs'
  | 'outputs'
  | 'transaction'
  | 'reading'

export interface Needs {
  must: Need[] // Without these there is nothing to tell, or the standard refuses it.
  should: Need[] // Without these it can be recorded, and its story has a hole.
}

export function needsOf(draft: Draft, kind: What): Needs {
  const must: Need[] = []
  const should: Need[] = []
  const isMade = draft.type === 'TransformationEvent'
  const isAll = draft.action === 'DELETE' && draft.type !== 'ObjectEvent' // All that is inside.
  if (hasParent(draft.type) && draft.type !== 'TransactionEvent' && !draft.parent.length) {
    must.push('parent')
  }
  if (isMade) {
    const isBare = !draft.inputs.length && !draft.outputs.length
    if (!draft.inputs.length) (isBare ? must : should).push('inputs')
    if (!draft.outputs.length) (isBare ? must : should).push('outputs')
  } else if (!draft.things.length && !isAll) must.push('things')
  const isNamed = draft.transactions.some(
    (one) => one.id.trim() && transactionUri(one.id, draft.location || draft.readPoint),
  )
  if (draft.type === 'TransactionEvent' && !isNamed) must.push('transaction')
  const isRead = draft.readings.some((one) => one.type && one.value.trim())
  if (kind.id === 'measure' && !isRead) must.push('reading')
  if (!draft.location && !draft.readPoint) should.push('place')
  if (!draft.step && draft.type !== 'TransactionEvent') should.push('step')
  const isSaid = (rows: { id: string }[]) => rows.some((one) => one.id.trim())
  if (kind.parts.includes('sources') && !isSaid(draft.sources)) should.push('source')
  if (kind.parts.includes('destinations') && !isSaid(draft.destinations)) should.push('destination')
  return { must, should }
}
