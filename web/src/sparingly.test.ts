import { afterEach, expect, test, vi } from 'vitest'

import { sparingly } from './sparingly'

afterEach(() => void vi.useRealTimers()) // The files of tests share one process.

test('news that come in a burst are asked for at once, and once more when they are over', () => {
  vi.useFakeTimers()
  let asked = 0
  const hear = sparingly(() => void asked++, 1000)
  for (let at = 0; at < 5; at++) hear()
  expect(asked).toBe(1)
  vi.advanceTimersByTime(1000)
  expect(asked).toBe(2)
  vi.advanceTimersByTime(5000)
  expect(asked).toBe(2)
  hear()
  expect(asked).toBe(3)
})
