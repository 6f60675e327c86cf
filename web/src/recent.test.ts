import { afterAll, beforeEach, expect, test, vi } from 'vitest'

const kept = new Map<string, string>()
beforeEach(() => {
  kept.clear()
  vi.resetModules()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
  vi.stubGlobal('navigator', { languages: ['en-GB'] })
})
afterAll(() => {
  vi.unstubAllGlobals() // The files of tests share one process.
  vi.resetModules()
})
const LOT = 'https://id.gs1.org/01/09521001000222/10/A17'

test('what one opened, another user of the same browser does not see', async () => {
  const { openRecent, recent, remember } = await import('./recent')
  openRecent('ann', 'default')
  remember(LOT, 'Fresh milk')
  openRecent('bob', 'default')
  expect(recent.value).toEqual([])
  openRecent('ann', 'elsewhere')
  expect(recent.value).toEqual([])
  openRecent('ann', 'default')
  expect(recent.value).toEqual([{ code: LOT, title: 'Fresh milk' }])
})

test('what was opened is called by its name in the language of the page', async () => {
  const { openRecent, recent, remember } = await import('./recent')
  const { learnNames } = await import('./names')
  const { choose } = await import('./texts/language')
  openRecent('ann', 'default')
  remember(LOT, 'Fresh milk')
  learnNames({ 'https://id.gs1.org/01/09521001000222': { en: 'Fresh milk', zh: '鲜牛奶' } })
  vi.stubGlobal('document', { documentElement: {} })
  choose('zh')
  expect(recent.value[0]?.title).toBe('鲜牛奶')
})
