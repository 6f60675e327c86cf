import { expect, test } from 'vitest'

import { measuredText } from './measured'
import en from './texts/en.json'
import zh from './texts/zh.json'

type Tree = { [key: string]: string | Tree }
function speaker(catalogue: Tree) {
  const find = (key: string) => {
    const [group = '', name = ''] = key.split('.')
    const words = catalogue[group] as Tree | undefined
    return words?.[name] as string | undefined
  }
  const say = (key: string, filled: Record<string, string> = {}) =>
    (find(key) ?? key).replace(/\{(\w+)\}/g, (_, name: string) => filled[name] ?? '')
  return (one: Parameters<typeof measuredText>[0]) =>
    measuredText(one, (value) => String(value), say, (key) => find(key) !== undefined)
}
const inEnglish = speaker(en as unknown as Tree)
const inChinese = speaker(zh as unknown as Tree)

test('a value is told with what was measured, in the unit that people write', () => {
  const cold = { what: 'gs1:Temperature', value: 6.2, uom: 'CEL', alarm: 'ALARM_CONDITION' }
  expect([inEnglish(cold), inChinese(cold)]).toEqual(['Temperature 6.2 °C (alarm)', '温度 6.2 °C (报警)'])
  expect(inEnglish({ what: 'Temperature', part: 'max', value: 8, uom: 'CEL' })).toBe(
    'greatest Temperature 8 °C',
  )
  expect(inEnglish({ what: 'acidity_ph', value: 4.41, uom: 'Q30' })).toBe('Acidity 4.41 pH')
})

test('a germ is told by its name, and a result in words', () => {
  const of = 'https://www.ncbi.nlm.nih.gov/taxonomy/1639'
  const count = { what: 'Count', value: 40, uom: 'H87', of, per: '1 MLT' }
  expect([inEnglish(count), inChinese(count)]).toEqual([
    'Listeria monocytogenes: 40 in 1 mL',
    '单增李斯特菌检测值：每 1 mL 40',
  ])
  expect(inChinese({ what: 'result', text: 'negative' })).toBe('结果 未检出')
  expect(inEnglish({ what: 'https://x.example/fat_share', text: 'rather_low' })).toBe(
    'fat share rather low',
  )
})
