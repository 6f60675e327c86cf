import { expect, test } from 'vitest'

import en from './en.json'
import zh from './zh.json'

type Tree = { [key: string]: string | Tree }

function leaves(tree: Tree, above = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(above + key, value)
    else for (const [inner, text] of leaves(value, `${above}${key}.`)) found.set(inner, text)
  }
  return found
}

const english = leaves(en)
const chinese = leaves(zh)

test('both catalogues have the same keys', () => {
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
})

test('both texts of a key fill in the same words', () => {
  const filled = (text = '') => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]).sort()
  for (const [key, text] of english) expect(filled(chinese.get(key)), key).toEqual(filled(text))
})

test('no text is empty, and what is Chinese is in Chinese', () => {
  for (const text of english.values()) expect(text).not.toBe('')
  for (const [key, text] of chinese) {
    if (key !== 'shell.language') expect(text, key).toMatch(/[一-鿿]/)
  }
})
