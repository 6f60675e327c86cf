import { expect, test } from 'vitest'

import { inOrder, progressText } from './documents'

const whole = { percent: 0, bytes: 4_240_000, bytesRead: 4_240_000, eventsRead: 900 }

test('a job says what it counts in each phase, and that it waits until it begins', () => {
  expect(progressText(undefined)).toEqual(['capture.waiting', {}])
  const reading = { ...whole, bytesRead: 1_060_000, phase: 'reading' as const, eventsChecked: 0, eventsStored: 0 }
  expect(progressText(reading)).toEqual(['capture.reading_document', { done: 1.1, total: 4.2, events: 900 }])
  const checking = { ...whole, phase: 'checking' as const, eventsChecked: 64, eventsStored: 0 }
  expect(progressText(checking)).toEqual(['capture.checking_events', { done: 64, total: 900 }])
  const numbering = { ...whole, phase: 'storing' as const, eventsChecked: 900, eventsStored: 0 }
  expect(progressText(numbering)).toEqual(['capture.numbering', { total: 900 }])
  expect(progressText({ ...numbering, eventsStored: 256 })).toEqual(['capture.storing', { done: 256, total: 900 }])
})

test('faults stand in the order of their lines, and what has no place comes first', () => {
  const lines: Record<string, number> = { late: 9, early: 2, again: 2 }
  const faults = ['late', 'early', 'nowhere', 'again'].map((code) => ({ code, message: '' }))
  const told = inOrder(faults, ({ code }) => (lines[code] ? { line: lines[code] } : null))
  expect(told.map(({ fault }) => fault.code)).toEqual(['nowhere', 'early', 'again', 'late'])
})
