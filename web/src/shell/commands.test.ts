import { expect, test } from 'vitest'

import { codeCommand, type Command, matching, pageCommands, recentCommands } from './commands'

const say = (key: string, language = 'en') => `${language}:${key}`
const all: Command[] = [
  ...pageCommands([{ route: 'trace', title: 'trace' }, { route: 'users', title: 'users' }], say),
  ...recentCommands([{ code: 'https://id.gs1.org/01/09521001000222/10/A17', title: 'Fresh milk' }]),
  { group: 'actions', title: 'Sign out', icon: 'leave', words: ['Sign out'] },
]
const titles = (typed: string) =>
  matching(typed, all, codeCommand(typed, 'open it')).map(({ title }) => title)

test('nothing typed shows pages, what was opened last, and actions, and no code', () => {
  expect(titles('')).toEqual(['en:trace', 'en:users', 'Fresh milk', 'Sign out'])
})

test('a page is found by its name in either language', () => {
  expect(titles('zh:use')[0]).toBe('en:users')
})

test('what was opened last is found by its name and by its number', () => {
  expect(titles('milk')[0]).toBe('Fresh milk')
  expect(titles('A17')).toEqual(['open it', 'Fresh milk'])
})

test('whatever is typed can be opened as a code; one with digits comes first', () => {
  expect(titles('(01)0952')[0]).toBe('open it')
  expect(titles('sign').at(-1)).toBe('open it')
})
