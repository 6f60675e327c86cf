// What a thing was made of, as far as that is on hold, expired or recalled: asked after the head of
// its page is drawn, since going all the way back takes longer than the head.

import type { Brief, DetailedObject, TraceHead } from './api/answers'
import { kindOf } from './codes'

const SHOWN = 5

export interface HeldInputs {
  count: number
  certain: number
  shown: DetailedObject[] // What is certain comes first.
}

// The question, where it means something. A truck or a crate goes round: what was on hold in it
// once says nothing of it. A logistic unit is made of what was packed into it.
export function heldInputsQuery(brief: Brief, asOf = ''): Record<string, unknown> | null {
  const isGoods = !!brief.last_event && !!brief.product && brief.product !== brief.uri
  if (!isGoods && kindOf(brief.uri) !== 'container') return null
  const query = { code: [brief.uri], held: true, details: true, limit: SHOWN }
  return asOf ? { ...query, as_of: asOf } : query
}

export function heldInputsOf(found: TraceHead): HeldInputs {
  const rank = ({ grade }: DetailedObject) => (grade === 'certain' ? 0 : 1)
  const shown = [...found.object_list].sort((a, b) => rank(a) - rank(b))
  return { count: found.objects, certain: found.certain, shown }
}
