import { expect, test } from 'vitest'

import type { Brief, DetailedObject, TraceHead } from './api/answers'
import { heldInputsOf, heldInputsQuery } from './madeOf'

const brief = (uri: string, more: Partial<Brief> = {}) =>
  ({ uri, product: null, lot: null, last_event: {}, names: {}, ...more }) as Brief
const PRODUCT = 'https://plant.example/p/BUTTER'

test('is asked of goods and of what is packed, and of nothing that goes round', () => {
  const lot = heldInputsQuery(brief(`${PRODUCT}/l/7`, { product: PRODUCT }), '2026-11-26T00:00:00Z')
  expect(lot).toMatchObject({ code: [`${PRODUCT}/l/7`], held: true, as_of: '2026-11-26T00:00:00Z' })
  expect(heldInputsQuery(brief('https://id.gs1.org/00/095210010000004084'))).not.toBeNull()
  for (const uri of ['https://id.gs1.org/8004/9521001A-LORRY-2', 'https://id.gs1.org/414/9521001000109'])
    expect(heldInputsQuery(brief(uri))).toBeNull()
  expect(heldInputsQuery(brief(PRODUCT, { product: PRODUCT }))).toBeNull()
})

test('what is certain comes before what is possible', () => {
  const list = ['possible', 'certain', 'possible'].map(
    (grade, at) => ({ uri: `${at}`, grade }) as DetailedObject,
  )
  const found = heldInputsOf({ objects: 9, certain: 1, object_list: list } as TraceHead)
  expect(found.shown.map((one) => one.uri)).toEqual(['1', '0', '2'])
  expect(found.count).toBe(9)
})
