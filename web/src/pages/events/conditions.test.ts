import { expect, test } from 'vitest'

import described from '../../../../docs/reference/openapi.json'
import { asked, conditionsOf, FIELDS, nameFor, readCondition } from './conditions'

test('every parameter of the standard has a field of its own', () => {
  const names = Object.keys(described.components.parameters)
  const unknown = names.filter((name) => {
    if (['orderBy', 'orderDirection'].includes(name)) return false
    return readCondition(name, 'x').field === null
  })
  expect(unknown).toEqual([])
})

test('a name that is taken apart is put together again', () => {
  for (const name of [
    'GE_eventTime',
    'EQ_quantity',
    'GT_quantity_KGM',
    'EQ_bizTransaction_po',
    'EQ_source_owning_party',
    'LT_value_CEL',
    'EXISTS_ilmd',
    'EQ_suyuan:operator',
    'EQ_https://ns.suyuan.dev/plant/operator',
    'GE_ILMD_suyuan:fat',
    'EQ_INNER_ILMD_suyuan:fat',
    'EQ_bizStep',
  ]) {
    const { field, operator, extra } = readCondition(name, 'x')
    expect(field, name).not.toBeNull()
    if (field) expect(nameFor(field, operator, extra)).toBe(name)
  }
})

test('what nobody here knows is kept as it is', () => {
  const [one] = conditionsOf({ GE_whatever: '3', page: 'x' })
  expect([one?.field, one?.name, one?.values]).toEqual([null, 'GE_whatever', ['3']])
})

test('alternatives stand between bars', () => {
  expect(readCondition('EQ_bizStep', 'shipping|receiving').values).toEqual(['shipping', 'receiving'])
})

test('the newest come first unless the address says otherwise', () => {
  expect(asked({ EQ_bizStep: 'shipping', page: 'token' })).toEqual({
    EQ_bizStep: 'shipping',
    orderBy: 'eventTime',
    orderDirection: 'DESC',
  })
  expect(asked({ orderBy: 'recordTime' }).orderBy).toBe('recordTime')
})

test('no two fields have the same ID', () => {
  expect(new Set(FIELDS.map((one) => one.id)).size).toBe(FIELDS.length)
})
