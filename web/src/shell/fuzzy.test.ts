import { expect, test } from 'vitest'

import { find, fit } from './fuzzy'

const all = [
  { words: ['Audit trail', '审计记录'] },
  { words: ['Trace', '追溯'] },
  { words: ['API keys', '接口密钥'] },
  { words: ['Switch to dark', '切换到深色'] },
]
const names = (typed: string) => find(typed, all, 9).map(({ words }) => words[0])

test('letters are found in their order, and only so', () => {
  expect(fit('adt', 'Audit trail')).not.toBeNull()
  expect(fit('tda', 'Audit')).toBeNull()
})

test('what begins with the letters comes first', () => {
  expect(names('tra')[0]).toBe('Trace')
  expect(names('a')[0]).toBe('API keys')
  expect(names('at')).toContain('Audit trail')
})

test('the first letters of words find it', () => {
  expect(names('ak')[0]).toBe('API keys')
})

test('either language finds it, whichever the page is in', () => {
  expect(names('密钥')).toEqual(['API keys'])
  expect(names('审')).toEqual(['Audit trail'])
})

test('nothing typed offers everything in its own order', () => {
  expect(names('')).toEqual(['Audit trail', 'Trace', 'API keys', 'Switch to dark'])
})
