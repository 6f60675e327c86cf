// What a thing was made of and is on hold: loaded when a verdict stands, since nobody waits for it.

import type { Brief, TraceHead } from '../api/answers'
import { productOf } from '../codes'
import { type HeldInputs, heldInputsOf, heldInputsQuery } from '../madeOf'
import { wantNames } from '../names'
import { store } from './db'
import { answerKey, answersKept, get } from './lookup'

// What is on hold of what a thing was made of: of the server, else as it was known before.
export async function askHeldInputs(brief: Brief): Promise<HeldInputs | null> {
  const query = heldInputsQuery(brief)
  if (!query) return null
  try {
    const found = heldInputsOf(await get<TraceHead>('/api/trace_back', query))
    wantNames(found.shown.map((one) => one.product ?? productOf(one.uri)))
    await answersKept()
    await store.answers.update(answerKey(brief.uri), { held_inputs: found })
    return found
  } catch {
    return (await store.answers.get(answerKey(brief.uri)))?.held_inputs ?? null
  }
}
