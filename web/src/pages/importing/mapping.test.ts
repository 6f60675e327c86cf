import { expect, test } from 'vitest'

import { assign, byCell, fieldOf, isGiven, isTable, setValue, toggleGroup } from './mapping'
import type { Fault, Mapping } from './types'

const mapping: Mapping = {
  template: 'received',
  columns: { lot: 'Lot', quantity: 'Qty' },
  values: {},
  group: ['lot'],
  time_zone: 'UTC',
  date_order: 'ymd',
  decimal: '.',
  product_codes: 'any',
  reading: {},
}

test('a field stands in one column, and a column holds one field', () => {
  const moved = assign(mapping, 'Qty', 'lot')
  expect(moved.columns).toEqual({ lot: 'Qty' })
  expect(fieldOf(moved, 'Qty')).toBe('lot')
  expect(fieldOf(moved, 'Lot')).toBe('')
  expect(mapping.columns).toEqual({ lot: 'Lot', quantity: 'Qty' })
})

test('a column that holds nothing any more groups nothing', () => {
  expect(assign(mapping, 'Lot', '').group).toEqual([])
})

test('a value for all rows gives a field, an empty one takes it back', () => {
  const given = setValue(mapping, 'uom', 'kg')
  expect(isGiven(given, 'uom')).toBe(true)
  expect(isGiven(setValue(given, 'uom', ' '), 'uom')).toBe(false)
})

test('grouping by a field goes on and off', () => {
  expect(toggleGroup(mapping, 'quantity').group).toEqual(['lot', 'quantity'])
  expect(toggleGroup(mapping, 'lot').group).toEqual([])
})

test('faults are found by their cells', () => {
  const fault = (row: number, column: number): Fault => ({
    row,
    column,
    code: 'x',
    message: 'x',
    said: 'x',
  })
  const found = byCell([fault(2, 0), fault(2, 0), fault(3, -1)])
  expect(found.get(2)?.get(0)).toHaveLength(2)
  expect(found.get(3)?.get(-1)).toHaveLength(1)
})

test('only what has lines and cells is taken for a table', () => {
  expect(isTable('a\tb\n1\t2\n')).toBe(true)
  expect(isTable('(01)09521001000222(10)A')).toBe(false)
  expect(isTable('one line\nand another')).toBe(false)
})
