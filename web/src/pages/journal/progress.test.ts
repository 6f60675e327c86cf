import { expect, test } from 'vitest'

import { bytesIn, heights, secondsLeft } from './progress'

test('what is left is told from what was done, and not before there is any', () => {
  expect(secondsLeft(250, 1000, 10)).toBe(30)
  expect(secondsLeft(0, 1000, 10)).toBeNull()
  expect(secondsLeft(10, 1000, 0.2)).toBeNull()
})

test('bytes are said in the unit that suits them', () => {
  expect(bytesIn('en', 12_345_678)).toBe('12.3 MB')
  expect(bytesIn('en', 512)).toBe('512 byte')
  expect(bytesIn('en', 0)).toBe('0 byte')
})

test('a bar of a few among many can still be seen, and none has no bar', () => {
  expect(heights([0, 1, 10_000])).toEqual([0, 2, 100])
  expect(heights([])).toEqual([])
})
