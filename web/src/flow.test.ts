import { expect, test } from 'vitest'

import type { Seen } from './api/answers'
import { marksOf, operationsOf, placesOf, spansOf } from './flow'

const HOUR = 3_600_000
const seen = (hour: number, step: string, place?: string): Seen => ({
  sequence: hour,
  event_id: `e${hour}`,
  event_time: new Date(hour * HOUR).toISOString(),
  record_time: new Date(hour * HOUR).toISOString(),
  type: 'ObjectEvent',
  through: [],
  business_step: `https://ref.gs1.org/cbv/BizStep-${step}`,
  ...(place && { business_location: place }),
})
const brief = (events: Seen[], now = 100) =>
  spansOf(events, now * HOUR).map((one) => [
    one.kind,
    one.place,
    one.start / HOUR,
    one.end / HOUR,
    one.isOpen,
  ])

test('a stay lasts from the first to the last event there, and the way to the next place between', () => {
  const events = [seen(1, 'storing', 'A'), seen(3, 'shipping', 'A'), seen(7, 'receiving', 'B')]
  expect(brief(events)).toEqual([
    ['at', 'A', 1, 3, false],
    ['way', 'B', 3, 7, false],
    ['at', 'B', 7, 100, true],
  ])
})

test('what is seen elsewhere without having been sent was where it was till then', () => {
  expect(brief([seen(1, 'storing', 'A'), seen(9, 'picking', 'B')], 9)).toEqual([
    ['at', 'A', 1, 9, false],
    ['at', 'B', 9, 9, false],
  ])
})

test('what was sent and not received is on its way, and what was sold is nowhere', () => {
  expect(brief([seen(1, 'shipping', 'A')])).toEqual([
    ['at', 'A', 1, 1, false],
    ['way', '', 1, 100, true],
  ])
  expect(brief([seen(1, 'storing', 'A'), seen(2, 'retail_selling', 'A')])).toEqual([
    ['at', 'A', 1, 2, false],
  ])
})

test('positions by satellite are on the way from one place to the next', () => {
  const events = [seen(1, 'storing', 'A'), seen(2, 'transporting', 'geo:30.1,112.2'), seen(4, 'receiving', 'B')]
  expect(brief(events, 4)).toEqual([
    ['at', 'A', 1, 1, false],
    ['way', 'B', 1, 4, false],
    ['at', 'B', 4, 4, false],
  ])
})

test('an event without a place changes nothing of where it was', () => {
  expect(brief([seen(1, 'storing', 'A'), seen(2, 'inspecting'), seen(3, 'storing', 'A')], 3)).toEqual([
    ['at', 'A', 1, 3, false],
  ])
  expect(operationsOf([seen(2, 'inspecting')])[0]?.place).toBeNull()
})

test('a place that was visited twice counts both stays', () => {
  const events = [seen(1, 'storing', 'A'), seen(3, 'storing', 'A'), seen(4, 'filling', 'B'), seen(6, 'storing', 'A')]
  const [first] = placesOf(spansOf(events, 8 * HOUR))
  expect([first?.visits, (first?.dwell_ms ?? 0) / HOUR, first?.isHere]).toEqual([2, 5, true])
})

test('an axis has a few round marks within its ends', () => {
  for (const [start, end] of [[0, 5], [0, 30 * 24], [7, 7.5], [0, 5000 * 24]] as const) {
    const marks = marksOf(start * HOUR, end * HOUR, 8)
    expect(marks.length).toBeLessThanOrEqual(9)
    expect(marks.every((one) => one >= start * HOUR && one <= end * HOUR)).toBe(true)
  }
})
