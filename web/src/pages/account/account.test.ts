import { expect, test } from 'vitest'

import { browserName } from './browser'
import { difference } from './difference'

test('a difference names what changed, and leaves out what did not', () => {
  const before = { name: 'li', roles: { operator: null }, is_disabled: false }
  const after = { name: 'li', roles: { regulator: '2026-12-31' }, is_disabled: false }
  expect(difference(before, after)).toEqual([
    { fact: 'roles', before: 'operator', after: 'regulator: 2026-12-31' },
  ])
})

test('codes of roles and permissions are said by their names', () => {
  const say = (fact: string, code: string) => (fact === 'roles' ? `<${code}>` : code)
  const before = { name: 'operator', roles: { operator: null } }
  const after = { name: 'viewer', roles: { regulator: '2026-12-31', viewer: null } }
  expect(difference(before, after, say)).toEqual([
    { fact: 'name', before: 'operator', after: 'viewer' },
    { fact: 'roles', before: '<operator>', after: '<regulator>: 2026-12-31, <viewer>' },
  ])
})

test('what was made has no before, and what was removed no after', () => {
  expect(difference(null, { name: 'x' })).toEqual([{ fact: 'name', before: null, after: 'x' }])
  expect(difference({ list: [] }, null)).toEqual([{ fact: 'list', before: '—', after: null }])
})

test('browsers are named as their owners know them', () => {
  const edge = 'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/142.0 Safari/537 Edg/142.0'
  expect(browserName(edge)).toBe('Edge, Windows')
  expect(browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604')).toBe(
    'Safari, iOS',
  )
  expect(browserName('curl/8.14')).toBe('curl/8.14')
})
