import { expect, test } from 'vitest'

import { meant, offersOf } from './hits'

const offers = offersOf(
  [
    { kind: 'product', uri: 'https://id.gs1.org/01/09506000134352', name: 'Milk', name_zh: '牛奶' },
    { kind: 'other', uri: 'https://id.gs1.org/00/095060001343521234' },
  ],
  'zh',
)

test('an offer says its name in the language, its code as printed, and what it is', () => {
  expect(offers[0]).toMatchObject({ title: '牛奶', code: '(01)09506000134352', kind: 'search.product' })
  expect(offers[1]).toMatchObject({ title: '', kind: 'kind.container' })
})

test('Enter opens what is chosen, a whole code as it stands, and else the one thing that fits', () => {
  expect(meant('milk', offers, 1)).toBe(offers[1]?.uri)
  expect(meant('milk', offers, -1)).toBeNull()
  expect(meant('milk', offers.slice(0, 1), -1)).toBe(offers[0]?.uri)
  expect(meant('milk', [], -1)).toBe('milk')
  for (const code of ['(01)095', 'urn:epc:id:x', '09506000134352', ']C101095'])
    expect(meant(code, offers, -1)).toBe(code)
})
