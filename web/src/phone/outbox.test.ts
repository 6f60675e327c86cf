import 'fake-indexeddb/auto'

import { beforeEach, expect, test } from 'vitest'

import { eventOf, localTime, newEventId, placeOf } from './observation'
import { type Answered, fateOf, pause_s, sendAll, type Server } from './outbox'
import { ownSha256, sha256 } from './sha256'
import { type Entry, Store } from './store'
import { spelled, upcOfE } from './symbols'

const PLACE = 'https://id.gs1.org/414/9521001000109'
const ME = 'default/7'
let store: Store
let number = 0

// A server in memory that keeps what it was sent; `answers` lets it fail first.
class FakeServer implements Server {
  events = new Map<string, { eventID: string }>()
  order: string[] = []
  photos: string[] = []
  answers: Answered[] = []

  read = async (code: string): Promise<Answered> => {
    if (code === 'nonsense') {
      const errors = [{ code: 'identifier.code_unknown', message: 'no code' }]
      return { status: 422, body: { code: 'identifier.code_unknown', errors } }
    }
    const level = code.includes('/414/') ? 'place' : code.includes('/10/') ? 'lot' : 'instance'
    return { status: 200, body: { uri: code, level, alternatives: [] } }
  }
  keep = async ({ sha256 }: { sha256: string }): Promise<Answered> => {
    this.photos.push(sha256)
    return { status: 201, body: {} }
  }
  capture = async (body: string): Promise<Answered> => {
    const event = JSON.parse(body) as { eventID: string }
    const answer = this.answers.shift()
    if (answer && answer.status !== -1) return answer
    const isNew = !this.events.has(event.eventID)
    this.events.set(event.eventID, event)
    if (isNew) this.order.push(event.eventID)
    if (answer) return { status: 0, body: null } // It arrived, and its answer was lost.
    return { status: isNew ? 201 : 200, body: event, position: this.order.length }
  }
}

function entry(code: string, more: Partial<Entry> = {}): Entry {
  const [made, offset] = localTime(new Date(), 480)
  return {
    id: newEventId(),
    user: ME,
    user_name: 'Li',
    made,
    offset,
    codes: [{ code, shown: code }],
    place: { code: PLACE, shown: 'Cold store' },
    step: 'https://ref.gs1.org/cbv/BizStep-inspecting',
    disposition: '',
    note: '',
    photos: [],
    state: 'waiting',
    body: null,
    reasons: [],
    ...more,
  }
}

const item = (serial: string) => `https://id.gs1.org/01/09521001000222/21/${serial}`

beforeEach(() => {
  store = new Store(`test-${++number}`)
})

test('what waits is sent in the order in which it was made', async () => {
  const made = ['A', 'B', 'C'].map((one) => entry(item(one)))
  for (const one of made) await store.outbox.add(one)
  const server = new FakeServer()
  expect(await sendAll(store, server, ME)).toEqual({ why: 'done' })
  expect(server.order).toEqual(made.map((one) => one.id))
  expect(await store.outbox.count()).toBe(0)
  expect((await store.sent.toArray()).map((one) => one.position)).toEqual([1, 2, 3])
})

test('an answer that was lost leaves the entry, and sending it again counts once', async () => {
  await store.outbox.add(entry(item('A')))
  const server = new FakeServer()
  server.answers = [{ status: -1, body: null }]
  expect(await sendAll(store, server, ME)).toEqual({ why: 'offline' })
  const [kept] = await store.outbox.toArray()
  expect(kept?.body).toContain('"OBSERVE"')
  expect(await sendAll(store, server, ME)).toEqual({ why: 'done' })
  expect(server.order).toHaveLength(1)
})

test('a session that is over and a server that is busy keep everything in its order', async () => {
  for (const one of ['A', 'B']) await store.outbox.add(entry(item(one)))
  const server = new FakeServer()
  server.answers = [{ status: 401, body: null }]
  expect(await sendAll(store, server, ME)).toEqual({ why: 'signed_out' })
  server.answers = [{ status: 503, body: null, retry_s: 9 }]
  expect(await sendAll(store, server, ME)).toEqual({ why: 'later', retry_s: 9 })
  expect(await store.outbox.count()).toBe(2)
  expect(server.order).toEqual([])
})

test('what is refused is set aside with its reasons, and the rest goes on', async () => {
  await store.outbox.add(entry('nonsense'))
  await store.outbox.add(entry(PLACE))
  await store.outbox.add(entry(item('C')))
  const server = new FakeServer()
  expect(await sendAll(store, server, ME)).toEqual({ why: 'done' })
  expect(server.order).toHaveLength(1)
  const left = await store.outbox.toArray()
  expect(left.map((one) => one.state)).toEqual(['refused', 'refused'])
  expect(left.map((one) => one.reasons[0]?.code)).toEqual([
    'identifier.code_unknown',
    'phone.code_is_place',
  ])
})

test('nobody sends what somebody else has scanned', async () => {
  await store.outbox.add(entry(item('A'), { user: 'default/8' }))
  const server = new FakeServer()
  expect(await sendAll(store, server, ME)).toEqual({ why: 'done' })
  expect(server.order).toEqual([])
  expect(await store.outbox.count()).toBe(1)
})

test('a photo goes ahead of its event, once, and stays while another entry needs it', async () => {
  const photo = { sha256: 'ab', user: ME, media_type: 'image/jpeg', is_sent: 0 as const }
  await store.photos.add({ ...photo, data: new ArrayBuffer(4) })
  await store.outbox.add(entry(item('A'), { photos: ['ab'] }))
  await store.outbox.add(entry(item('B'), { photos: ['ab'] }))
  const server = new FakeServer()
  await sendAll(store, server, ME)
  expect(server.photos).toEqual(['ab'])
  for (const event of server.events.values()) {
    expect(JSON.stringify(event)).toContain('"suyuan:sha256":"ab"')
  }
  expect(await store.photos.count()).toBe(0)
})

test('an answer tells the fate of what was sent', () => {
  const fate = (status: number, code = '') => fateOf({ status, body: { code } })
  expect([201, 200].map((one) => fate(one))).toEqual(['good', 'good'])
  expect([400, 403, 409, 413, 422].map((one) => fate(one))).toEqual(Array(5).fill('refused'))
  expect([408, 429, 500, 503].map((one) => fate(one))).toEqual(Array(4).fill('later'))
  expect([fate(401), fate(403, 'api.csrf_wrong')]).toEqual(['signed_out', 'signed_out'])
  expect(fate(0)).toBe('offline')
})

test('lots and products are classes, items and containers are things', () => {
  const read = (uri: string, level: 'lot' | 'instance') => ({ uri, level, alternatives: [] })
  const place = { uri: PLACE, level: 'place' as const, alternatives: [] }
  const lot = 'https://id.gs1.org/01/09521001000222/10/L1'
  const made = entry(item('A'), { note: 'wet', made: '2026-11-26T12:00:00.000+08:00' })
  const codes = [read(item('A'), 'instance'), read(lot, 'lot'), read(item('A'), 'instance')]
  const event = eventOf(made, codes, place, [])
  expect(event).toMatchObject({
    body: {
      type: 'ObjectEvent',
      action: 'OBSERVE',
      eventID: made.id,
      eventTime: '2026-11-26T12:00:00.000+08:00',
      eventTimeZoneOffset: '+08:00',
      epcList: [item('A')],
      quantityList: [{ epcClass: lot }],
      readPoint: { id: PLACE },
      'suyuan:note': 'wet',
    },
  })
})

test('a bare GLN names the place that it could be', () => {
  const uri = 'https://id.gs1.org/01/09521001000109'
  expect(placeOf({ uri, level: 'class', alternatives: [PLACE] })).toBe(PLACE)
  expect(placeOf({ uri, level: 'class', alternatives: [] })).toBeNull()
})

test('a time says its zone', () => {
  const at = new Date('2026-11-26T04:05:06.007Z')
  expect(localTime(at, 480)).toEqual(['2026-11-26T12:05:06.007+08:00', '+08:00'])
  expect(localTime(at, -210)).toEqual(['2026-11-26T00:35:06.007-03:30', '-03:30'])
})

test('event IDs are random UUIDs of version 4', () => {
  const ids = Array.from({ length: 50 }, newEventId)
  expect(new Set(ids).size).toBe(50)
  for (const one of ids) {
    expect(one).toMatch(/^urn:uuid:[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/)
  }
})

test('our own SHA-256 says what that of the browser says', async () => {
  for (const size of [0, 1, 55, 56, 63, 64, 65, 1000, 100_003]) {
    const data = Uint8Array.from({ length: size }, (_, at) => (at * 31) % 256)
    expect(ownSha256(data)).toBe(await sha256(data.buffer))
  }
})

test('a symbol is spelled with what it is', () => {
  expect(spelled({ text: '0109\u001d10A', identifier: ']d2', format: 'DataMatrix' })).toEqual({
    code: ']d20109\u001d10A',
    shown: '0109␝10A',
  })
  const [item, lot] = ['010952100100022221A1', '\u001d10L1']
  expect(spelled({ text: item + lot, identifier: ']d2', format: 'DataMatrix' }).shown).toBe(
    '(01)09521001000222(21)A1(10)L1',
  )
  expect(spelled({ text: `${item}\u001d9912`, identifier: ']C1', format: 'Code128' }).shown).toBe(
    '010952100100022221A1␝9912',
  )
  const native = { text: '\u001d0109', identifier: '', format: 'data_matrix' }
  expect(spelled(native).code).toBe(']d20109')
  expect(spelled({ text: '4006381333931', identifier: '', format: 'ean_13' }).code).toBe(
    ']E04006381333931',
  )
  expect(upcOfE('01234565')).toBe('012345000065')
  expect(upcOfE('04210005')).toBe('042000001005')
})

test('pauses grow, and end', () => {
  expect([0, 1, 2].map((one) => pause_s(one, 0.5))).toEqual([5, 10, 20])
  expect(pause_s(99, 0.5)).toBe(300)
})
