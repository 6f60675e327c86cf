import { expect, test } from 'vitest'

import type { Seen } from './api/answers'
import { byDay, correctionOf, runsOf, sentenceFor } from './story'
import en from './texts/en.json'

const ME = 'https://id.gs1.org/01/1/21/1'
const has = (key: string) => key.startsWith('step.') && key.slice(5) in en.step
const seen = (more: Partial<Seen>): Seen => ({
  sequence: 1,
  event_id: 'x',
  event_time: '2026-11-18T08:00:00Z',
  record_time: '2026-11-18T09:00:00Z',
  type: 'ObjectEvent',
  through: [ME],
  ...more,
})

test('a shipment says where it went when the event says so', () => {
  const step = 'https://ref.gs1.org/cbv/BizStep-shipping'
  expect(sentenceFor(seen({ business_step: step }), ME, has).key).toBe('step.shipping')
  const destinations = [
    { type: 'https://ref.gs1.org/cbv/SDT-owning_party', source: '', destination: 'owner' },
    { type: 'https://ref.gs1.org/cbv/SDT-location', source: '', destination: 'dock' },
  ]
  const told = sentenceFor(seen({ business_step: step, destinations }), ME, has)
  expect([told.key, told.destination]).toEqual(['step.shipping_to', 'dock'])
})

test('what happened to a container says so', () => {
  expect(sentenceFor(seen({ through: ['pallet'] }), ME, has).container).toBe('pallet')
  expect(sentenceFor(seen({ through: ['pallet', ME] }), ME, has).container).toBeNull()
})

test('a step of somebody else is told by its own word', () => {
  const told = sentenceFor(seen({ business_step: 'https://x.example/deep_frying' }), ME, has)
  expect([told.key, told.step]).toEqual(['story.unnamed_step', 'deep frying'])
})

test('what is taken out of a business document is not said to be named in it', () => {
  const told = (action: string) =>
    sentenceFor(seen({ type: 'TransactionEvent', action }), ME, (key) => key in texts).key
  const texts = Object.fromEntries(
    Object.keys(en.story.no_step).map((key) => [`story.no_step.${key}`, true]),
  )
  expect(told('ADD')).toBe('story.no_step.TransactionEvent')
  expect(told('DELETE')).toBe('story.no_step.TransactionEvent_DELETE')
})

test('an event recorded days later is late', () => {
  expect(sentenceFor(seen({}), ME, has).late_ms).toBe(0)
  expect(sentenceFor(seen({ record_time: '2026-11-20T08:00:00Z' }), ME, has).late_ms).toBe(172800000)
})

test('entries stand under their day', () => {
  const days = byDay(['a1', 'a2', 'b1'], (entry) => entry.slice(0, 1))
  expect(days.map(({ day, entries }) => [day, entries.length])).toEqual([['a', 2], ['b', 1]])
})

test('long runs of the same are folded, short ones and what differs are not', () => {
  const runs = runsOf([...'abbbbbbba'], (one) => one)
  expect(runs.map((one) => [one.shown.join(''), one.like.length])).toEqual([['a', 0], ['b', 6], ['a', 0]])
  expect(runsOf([...'bbbb'], (one) => one)).toEqual([{ shown: [...'bbbb'], like: [] }])
})

test('a correction is told of both sides, and what was only taken back is told so', () => {
  const said = { event_id: 'wrong', declared: '2026-11-26T08:00:00Z', why: 'wrong pallet' }
  const by = { ...said, corrective_event_ids: ['a', 'b'] }
  const told = (more: Partial<Seen>) => correctionOf(seen(more))
  expect(told({})).toBeNull()
  expect(told({ corrected: by })).toMatchObject({ key: 'story.corrected', others: ['a', 'b'] })
  expect(told({ corrected: said })).toMatchObject({ key: 'story.withdrawn', others: [] })
  expect(told({ replaces: by })).toMatchObject({ key: 'story.replaces', others: ['wrong'] })
  // Right instead of another once, and declared in error in its turn.
  expect(told({ corrected: said, replaces: by })?.key).toBe('story.withdrawn')
})
