// What the palette offers: pages, actions, and the codes that were opened last.

import type { RouteLocationRaw } from 'vue-router'

import { shortCode } from '../codes'
import type { Icon } from '../icons'
import type { Shortcut } from '../pages/area'
import type { Recent } from '../recent'
import { find } from './fuzzy'

export type Group = 'code' | 'pages' | 'actions' | 'recent'

export interface Command {
  group: Group
  title: string
  hint?: string
  icon: Icon
  words: string[]
  to?: RouteLocationRaw
  run?: () => void
}

type Say = (key: string, language?: 'en' | 'zh') => string

const PAGES_MAX = 8
const ACTIONS_MAX = 6
const RECENT_MAX = 6
const CODE_CHARACTERS_MIN = 3

export function pageCommands(pages: readonly Shortcut[], say: Say): Command[] {
  return pages.map(({ route, title, query, icon }) => ({
    group: 'pages',
    title: say(title),
    icon: icon ?? 'page',
    words: [say(title, 'en'), say(title, 'zh')],
    to: query ? { name: route, query } : { name: route },
  }))
}

export function recentCommands(recent: readonly Recent[]): Command[] {
  return recent.map(({ code, title }) => ({
    group: 'recent',
    title,
    hint: shortCode(code),
    icon: 'object',
    words: [title, shortCode(code), code],
    to: { name: 'object', params: { code } },
  }))
}

// A digit makes a code more likely than a page; then it is offered first.
export function codeCommand(typed: string, title: string): Command | null {
  const code = typed.trim()
  if (code.length < CODE_CHARACTERS_MIN) return null
  const to = { name: 'object', params: { code } }
  return { group: 'code', title, icon: 'search', words: [], to }
}

export function matching(typed: string, all: readonly Command[], code: Command | null): Command[] {
  const of = (group: Group) => all.filter((one) => one.group === group)
  const found = [
    ...find(typed, of('pages'), typed.trim() ? PAGES_MAX : all.length),
    ...find(typed, of('recent'), RECENT_MAX),
    ...find(typed, of('actions'), ACTIONS_MAX),
  ]
  if (!code) return found
  return /\d/.test(typed) ? [code, ...found] : [...found, code]
}
