import { expect, test } from 'vitest'

import { barsOf, shareOf } from './day'

test('the busiest hour is as high as the box, and an hour without events has no bar', () => {
  const bars = barsOf([0, 5, 10], 40)
  expect(bars.map((one) => one.height)).toEqual([0, 20, 40])
  expect(bars.map((one) => one.y + one.height)).toEqual([40, 40, 40])
  expect(barsOf([0, 0], 40).every((one) => one.height === 0)).toBe(true)
})

test('whatever there is at all shows', () => {
  expect(shareOf(1, 10_000)).toBe('1%')
  expect(shareOf(0, 0)).toBe('0%')
})
