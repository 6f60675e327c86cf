import { expect, test } from 'vitest'

import type { RecallRow } from './api/answers'
import { ownStockOf } from './ownStock'

const row = (more: Partial<RecallRow>) => ({ stage: 'on_site', objects: 1, certain: 1, ...more }) as RecallRow

test('what is left of a lot by quantity counts once, however many got some of it', () => {
  const lot = { is_lot: true, remaining: 12.5, uom: 'KGM' }
  const rows = [row({ ...lot, party: 'a' }), row({ ...lot, party: 'b', stage: 'delivered' })]
  expect(ownStockOf(rows, 2)).toEqual({ quantity: 12.5, uom: 'KGM' })
  expect(ownStockOf([row({ is_lot: true, uom: 'KGM' })], 1)).toBeNull()
})

test('of items, those count that never left or are at a site of our own', () => {
  const rows = [
    row({ objects: 3 }),
    row({ objects: 5, stage: 'delivered', is_ours: true }),
    row({ objects: 7, stage: 'delivered' }),
    row({ objects: 9, stage: 'used', is_ours: true }),
    row({ stage: 'in_units', is_lot: true }),
  ]
  expect(ownStockOf(rows, 5)).toEqual({ quantity: 8, uom: 'C62' })
  expect(ownStockOf(rows, 6)).toBeNull()
})
