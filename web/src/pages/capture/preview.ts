// A draft in one sentence, as its story will tell it.

import type { Seen } from '../../api/answers'
import { wantNames } from '../../names'
import type { Body } from '../events/model'
import { sentence } from '../events/tell'
import type { Draft } from './draft'

export function draftSentence(draft: Draft, body: Body): string {
  const things = [...draft.outputs, ...draft.parent, ...draft.things, ...draft.inputs]
  const party = (side: 'source' | 'destination') =>
    draft[`${side}s`]
      .filter((one) => one.id.trim())
      .map((one) => ({ type: one.type, source: '', destination: '', [side]: one.id }))
  const seen = {
    sequence: 0,
    event_id: '',
    event_time: String(body.eventTime),
    record_time: String(body.eventTime),
    type: draft.type,
    through: things.map((one) => one.uri),
    ...(draft.action ? { action: draft.action } : {}),
    ...(draft.step ? { business_step: draft.step } : {}),
    ...(draft.location ? { business_location: draft.location } : {}),
    ...(draft.readPoint ? { read_point: draft.readPoint } : {}),
    sources: party('source'),
    destinations: party('destination'),
  } satisfies Seen
  wantNames([draft.location, draft.readPoint, ...draft.sources.map((one) => one.id)])
  wantNames(draft.destinations.map((one) => one.id))
  return sentence(seen)
}
