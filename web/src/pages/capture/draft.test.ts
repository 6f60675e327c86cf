import { expect, test } from 'vitest'

import { anotherLike, draftOf, emptyDraft, eventOf, transactionUri } from './draft'

const PLACE = 'https://id.gs1.org/414/9521001000017/254/F1'
const lot = (quantity: string, uom = '') => ({
  uri: 'https://id.gs1.org/01/09521001000222/10/A1',
  isClass: true,
  quantity,
  uom,
})
const single = { uri: 'https://id.gs1.org/01/09521001000222/21/7', isClass: false, quantity: '', uom: '' }

test('single things and quantities of a lot stand in lists of their own', () => {
  const draft = { ...emptyDraft('ObjectEvent'), things: [single, lot('12,5', 'KGM')] }
  const body = eventOf(draft)
  expect(body.epcList).toEqual([single.uri])
  expect(body.quantityList).toEqual([{ epcClass: lot('').uri, quantity: 12.5, uom: 'KGM' }])
})

test('a transformation has no action, and what goes in stands apart from what comes out', () => {
  const draft = { ...emptyDraft('TransformationEvent'), inputs: [lot('3')], outputs: [single] }
  const body = eventOf(draft)
  expect('action' in body).toBe(false)
  expect(body.inputQuantityList).toHaveLength(1)
  expect(body.outputEPCList).toEqual([single.uri])
})

test('the time is that of the clock with its offset', () => {
  const draft = { ...emptyDraft('ObjectEvent'), local: '2026-11-26T06:30', offset: '+08:00' }
  const body = eventOf(draft)
  expect(body.eventTime).toBe('2026-11-26T06:30:00+08:00')
  expect(body.eventTimeZoneOffset).toBe('+08:00')
})

const recorded = {
  '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld', { plant: 'https://ns.suyuan.dev/plant/' }],
  type: 'AggregationEvent',
  eventID: 'urn:uuid:1',
  eventTime: '2026-11-18T09:41:07.250+08:00',
  eventTimeZoneOffset: '+08:00',
  recordTime: '2026-11-18T01:41:09Z',
  action: 'ADD',
  bizStep: 'packing',
  parentID: 'urn:epc:id:sscc:952100.10000000123',
  childEPCs: [single.uri],
  childQuantityList: [{ epcClass: lot('').uri, quantity: 4, uom: 'KGM' }],
  readPoint: { id: PLACE },
  bizTransactionList: [{ type: 'po', bizTransaction: 'urn:epcglobal:cbv:bt:9521001000017:1152' }],
  sensorElementList: [
    { sensorMetadata: { time: '2026-11-18T01:41:00Z' }, sensorReport: [{ type: 'Temperature', value: 4.1, uom: 'CEL', minValue: 3 }] },
  ],
  'plant:operator': 'https://id.gs1.org/8017/1',
  'plant:shift': 'early',
}

test('an event goes into a form and comes out with all that it said', () => {
  const { eventID, recordTime, ...said } = recorded
  expect(eventOf(draftOf(recorded), recorded)).toEqual(said)
  expect([eventID, recordTime]).toHaveLength(2)
})

test('what is changed in the form is changed, and what the form does not know stays', () => {
  const draft = draftOf(recorded)
  draft.step = 'loading'
  draft.local = '2026-11-18T10:00'
  draft.plant.operator = 'https://id.gs1.org/8017/2'
  const body = eventOf(draft, recorded)
  expect(body.bizStep).toBe('loading')
  expect(body.eventTime).toBe('2026-11-18T10:00:00+08:00')
  expect(body['plant:operator']).toBe('https://id.gs1.org/8017/2')
  expect(body['plant:shift']).toBe('early')
})

test('a field of the plant brings its name space along', () => {
  const draft = emptyDraft('ObjectEvent')
  draft.plant.workOrder = 'WO-7'
  const body = eventOf(draft)
  expect(body['suyuan:workOrder']).toBe('WO-7')
  expect(body['@context']).toContainEqual({ suyuan: 'https://ns.suyuan.dev/plant/' })
})

test('the bare number of a document belongs to the plant whose place is named', () => {
  expect(transactionUri('PO 7', PLACE)).toBe('urn:epcglobal:cbv:bt:9521001000017:PO%207')
  expect(transactionUri('urn:x:1', PLACE)).toBe('urn:x:1')
  expect(transactionUri('7', '')).toBe('7')
})

test('another like this keeps the place and the step, not the things and not the time', () => {
  const draft = { ...emptyDraft('ObjectEvent'), location: PLACE, things: [single], local: '2020-01-01T00:00' }
  const next = anotherLike(draft)
  expect(next.location).toBe(PLACE)
  expect(next.things).toEqual([])
  expect(next.local.slice(0, 4)).not.toBe('2020')
})

test('master data of a lot is told only where the lot comes into being', () => {
  const draft = emptyDraft('ObjectEvent')
  draft.ilmd.bestBeforeDate = '2026-12-24'
  expect('ilmd' in eventOf(draft)).toBe(false)
  draft.action = 'ADD'
  expect(eventOf(draft).ilmd).toEqual({ 'cbvmda:bestBeforeDate': '2026-12-24' })
})
