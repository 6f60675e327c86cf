import { expect, test } from 'vitest'

import { ScanSense } from './scan'

function type(text: string, gap_ms: number, sense = new ScanSense()): string | null {
  let at_ms = 1000
  for (const key of text) sense.hear({ key, ctrl: false, at_ms: (at_ms += gap_ms) })
  return sense.hear({ key: 'Enter', ctrl: false, at_ms: at_ms + gap_ms })
}

test('fast keys that end with Enter are a scan', () => {
  expect(type('(01)09521001000222(21)A1', 8)).toBe('(01)09521001000222(21)A1')
})

test('what a person types is no scan', () => {
  expect(type('(01)09521001000222', 90)).toBeNull()
})

test('a fast typist is no scanner, and one key that came late breaks no scan', () => {
  expect(type('(01)09521001000222', 60)).toBeNull()
  const sense = new ScanSense()
  let at_ms = 0
  for (const key of '095210') sense.hear({ key, ctrl: false, at_ms: (at_ms += 8) })
  at_ms += 60
  for (const key of '01000222') sense.hear({ key, ctrl: false, at_ms: (at_ms += 8) })
  expect(sense.hear({ key: 'Enter', ctrl: false, at_ms: at_ms + 8 })).toBe('09521001000222')
})

test('a few fast keys are no scan', () => {
  expect(type('abc', 5)).toBeNull()
})

test('what was typed before a scan is not part of it', () => {
  const sense = new ScanSense()
  sense.hear({ key: 'x', ctrl: false, at_ms: 10 })
  expect(type('09521001000222', 8, sense)).toBe('09521001000222')
})

test('keys that type nothing do not break a scan, and Ctrl+] is the separator', () => {
  const sense = new ScanSense()
  let at_ms = 0
  for (const key of '0109521001') sense.hear({ key, ctrl: false, at_ms: (at_ms += 5) })
  sense.hear({ key: 'Shift', ctrl: false, at_ms: (at_ms += 5) })
  sense.hear({ key: ']', ctrl: true, at_ms: (at_ms += 5) })
  sense.hear({ key: 'A', ctrl: false, at_ms: (at_ms += 5) })
  expect(sense.hear({ key: 'Enter', ctrl: false, at_ms: at_ms + 5 })).toBe('0109521001\u001dA')
})
