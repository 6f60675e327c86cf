import { expect, test } from 'vitest'

import {
  codesIn,
  fromField,
  fromStep,
  oneIn,
  type Question,
  queryOf,
  recallQueryOf,
  sorted,
  STEPS,
  toField,
  toStep,
} from './question'

const question: Question = {
  code: ['A'],
  direction: 'forward',
  since: 's',
  until: 'u',
  as_of: '',
  product: [],
  lot: ['L'],
  place: '',
  party: 'P',
  day: '',
  grade: '',
  held: 'yes',
}

test('codes come one a line, out of a table too, and each once', () => {
  expect(codesIn(' A \n"B, C"\tD\r\nA\n')).toEqual(['A', 'B, C', 'D'])
})

test('each direction has its own bound, and a recall has both', () => {
  expect(queryOf(question, 'UTC')).toEqual({
    code: ['A'],
    since: 's',
    lot: ['L'],
    party: 'P',
    held: true,
    time_zone: 'UTC',
  })
  expect(queryOf({ ...question, direction: 'back' }, 'UTC')).toMatchObject({ until: 'u' })
  expect(recallQueryOf(question, 'UTC')).toMatchObject({ since: 's', until: 'u' })
})

test('the end of the slider is now, and its other places are moments of the record', () => {
  const [first, last] = ['2026-03-01T00:00:00.000Z', '2026-03-11T00:00:00.000Z']
  expect(fromStep(STEPS, first, last)).toBe('')
  expect(toStep('', first, last)).toBe(STEPS)
  const moment = fromStep(300, first, last)
  expect(moment).toBe('2026-03-04T00:00:00.000Z')
  expect(toStep(moment, first, last)).toBe(300)
  expect(toStep(first, first, first)).toBe(STEPS)
})

test('a field for a time says the same moment back', () => {
  const moment = '2026-03-01T08:30:00.000Z'
  expect(fromField(toField(moment))).toBe(moment)
  expect([fromField(''), toField('nonsense'), fromField('x')]).toEqual(['', '', ''])
})

test('rows are sorted by numbers and words, either way, with what is missing last', () => {
  const rows = [{ n: 2, w: 'b' }, { n: 10 }, { n: 1, w: 'a' }]
  expect(sorted(rows, '-n').map((one) => one.n)).toEqual([10, 2, 1])
  expect(sorted(rows, 'w').map((one) => one.n)).toEqual([1, 2, 10])
  expect(sorted(rows, '-w').map((one) => one.n)).toEqual([2, 1, 10])
})

test('a chance is one in so many', () => {
  expect([oneIn(0.001), oneIn(1), oneIn(0)]).toEqual([1000, 1, Infinity])
})
