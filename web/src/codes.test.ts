import { expect, test } from 'vitest'

import { bracketed, kindOf, productOf, shortCode, word } from './codes'

const LOT = 'https://id.gs1.org/01/09521001000222/10/261118A1'

test('a canonical URI is shown as it is printed below a symbol', () => {
  expect(bracketed(LOT)).toBe('(01)09521001000222(10)261118A1')
  expect(bracketed('https://id.gs1.org/01/09521001000222/10/a%2Fb')).toContain('(10)a/b')
  expect(productOf(LOT)).toBe('https://id.gs1.org/01/09521001000222')
  expect(bracketed('https://plant.example/lot/7')).toBe('https://plant.example/lot/7')
})

test('the short code is what tells one from its like', () => {
  expect(shortCode(LOT)).toBe('261118A1')
  expect(shortCode('https://id.gs1.org/00/095210010000004084')).toBe('095210010000004084')
})

test('a code tells what it names', () => {
  expect(kindOf(LOT)).toBe('lot')
  expect(kindOf('https://id.gs1.org/01/09521001000222/21/7')).toBe('serial')
  expect(kindOf('https://id.gs1.org/414/9521001000109/254/TANK')).toBe('place')
  expect(kindOf('urn:x')).toBe('other')
})

test('a word of a vocabulary loses its address', () => {
  expect(word('https://ref.gs1.org/cbv/BizStep-shipping')).toBe('shipping')
  expect(word('https://ns.suyuan.dev/plant/filling')).toBe('filling')
})
