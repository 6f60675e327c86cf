import { expect, test } from 'vitest'

type Tree = { [key: string]: string | Tree }
const files = import.meta.glob<Tree>(['./*.json', './*/*.json'], { eager: true, import: 'default' })

function leaves(tree: Tree, above = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(above + key, value)
    else for (const [inner, text] of leaves(value, `${above}${key}.`)) found.set(inner, text)
  }
  return found
}

// What an area says stands under names that no other file has: merged, one would hide the other.
function all(language: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [file, tree] of Object.entries(files)) {
    if (!file.endsWith(`/${language}.json`)) continue
    for (const [key, text] of leaves(tree)) {
      expect(found.has(key), `${key} in ${file}`).toBe(false)
      found.set(key, text)
    }
  }
  return found
}

const english = all('en')
const chinese = all('zh')

test('both catalogues have the same keys', () => {
  expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
})

test('both texts of a key fill in the same words', () => {
  const filled = (text = '') => [...new Set(text.match(/\{\w+\}/g))].sort()
  for (const [key, text] of english) expect(filled(chinese.get(key)), key).toEqual(filled(text))
})

test('no text is empty, and what is Chinese is in Chinese', () => {
  for (const text of english.values()) expect(text).not.toBe('')
  for (const [key, text] of chinese) {
    if (key !== 'shell.language') expect(text, key).toMatch(/[一-鿿]/)
  }
})

test('a number of things has a form for one and a form for many', () => {
  const bare = /\{(count|n)\} (?:\w+ )?[a-z]+s\b/
  for (const [key, text] of english) {
    if (bare.test(text)) expect(text.split(' | ').length, `${key}: ${text}`).toBeGreaterThan(1)
  }
})
