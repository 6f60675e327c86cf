// What the picture says of a node, in the language of the page.

import { kindOf, productOf, shortCode, word } from '../codes'
import { knownName } from '../names'
import { count, dayAndClock, t, te } from '../texts'
import type { Drawn } from './draw'
import { gradeOf, isThing, type PictureNode } from './picture'

export function titleOf(node: PictureNode): string {
  if (node.kind === 'step') return stepWord(node.event?.business_step)
  if (node.kind === 'pool') return t('picture.pool')
  if (node.members === 'rest') return t('picture.rest')
  const named = node.product ?? (node.uri && productOf(node.uri))
  const name = (node.kind === 'object' && node.uri && knownName(node.uri)) || null
  return (
    name ??
    (named && knownName(named)) ??
    (node.uri ? t(`kind.${kindOf(node.uri)}`) : t('genealogy.others'))
  )
}

export function stepWord(step: string | undefined): string {
  if (!step) return t('genealogy.step')
  const said = word(step)
  return te(`step_word.${said}`) ? t(`step_word.${said}`) : said.replaceAll('_', ' ')
}

export function codeOf(node: PictureNode): string {
  if (node.kind === 'step') {
    if (!node.first) return ''
    return node.count > 1 ? t('picture.times', { count: count(node.count) }, node.count) : dayAndClock(node.first)
  }
  if (node.kind === 'pool') return node.uri ? shortCode(node.uri) : ''
  if (node.kind === 'object') return shortCode(node.uri ?? '')
  if (node.is_rest) return t('genealogy.more', { count: count(node.count) })
  if (node.members === 'rest') return t('picture.objects', { count: count(node.count) }, node.count)
  const key = node.members === 'items' ? 'genealogy.items_of' : 'genealogy.lots_of'
  const said = t(key, { count: count(node.count) }, node.count)
  return node.members === 'items' && node.uri && kindOf(node.uri) === 'lot'
    ? `${said} · ${shortCode(node.uri)}`
    : said
}

// In a word why nobody may use it, and of a group how many of it.
export function alertOf(node: PictureNode): string {
  if (!node.held) return ''
  const reasons = (node.hold ?? []).filter((one) => one === 'recalled' || one === 'expired')
  const said = reasons[0] ? t(`disposition.${reasons[0]}`) : t('picture.held')
  return node.count > 1 ? `${said} ${count(node.held)}/${count(node.count)}` : said
}

export function drawnOf(node: PictureNode): Drawn {
  const isStart = node.side === 'start'
  return {
    title: titleOf(node),
    code: codeOf(node),
    look: isThing(node) ? (isStart ? 'start' : gradeOf(node)) : node.kind === 'pool' ? 'pool' : 'step',
    isGroup: node.kind === 'group',
    alert: alertOf(node),
  }
}
