import { expect, test } from 'vitest'

import table from '../../src/suyuan/units.csv?raw'
import { unitOf } from './units'

test('every unit that the server converts is written as there, litres with a capital letter', () => {
  const [, ...rows] = table.trim().split('\n')
  expect(rows.length).toBeGreaterThan(300)
  for (const row of rows) {
    const [code, , , , symbol] = row.split(',')
    if (!['C62', 'H87', 'EA'].includes(code ?? '')) {
      expect(unitOf(code).toLowerCase(), code).toBe(symbol?.trim().toLowerCase())
    }
  }
  expect([unitOf('CEL'), unitOf('LTR'), unitOf('H87'), unitOf('XYZ')]).toEqual(['°C', 'L', '', 'XYZ'])
})
