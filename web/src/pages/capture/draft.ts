// An event as a form holds it, and the way there and back. Whatever a form does not know of an
// event that is corrected stays in it as it was.

import type { Body } from '../events/model'
import type { EventType } from '../events/vocabulary'
import { asInstant, asLocal, offsetAt } from '../events/when'

export const CONTEXT = 'https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'
export const NAMESPACE = 'https://ns.suyuan.dev/plant/'
const PREFIX = 'suyuan'

export interface CodeRow {
  uri: string
  isClass: boolean // A lot or a product, of which there is a quantity; else one single thing.
  quantity: string
  uom: string
}
export interface Typed {
  type: string
  id: string
}
export interface Reading {
  type: string
  value: string
  uom: string
  device: string
}
export const PLANT_FIELDS = ['operator', 'equipment', 'workOrder', 'operation'] as const
export type PlantField = (typeof PLANT_FIELDS)[number]
export const DATES = ['productionDate', 'bestBeforeDate', 'itemExpirationDate'] as const
export type IlmdField = (typeof DATES)[number]
export type ListName = 'parent' | 'things' | 'inputs' | 'outputs'

export interface Draft {
  type: EventType
  action: string
  step: string
  disposition: string
  local: string // On the clock of `offset`.
  offset: string
  readPoint: string
  location: string
  parent: CodeRow[]
  things: CodeRow[]
  inputs: CodeRow[]
  outputs: CodeRow[]
  transactions: Typed[]
  sources: Typed[]
  destinations: Typed[]
  readings: Reading[]
  plant: Record<PlantField, string>
  ilmd: Record<IlmdField, string>
}

export function emptyDraft(type: EventType, now = new Date()): Draft {
  const offset = offsetAt(now)
  const blank = <T extends string>(names: readonly T[]) =>
    Object.fromEntries(names.map((name) => [name, ''])) as Record<T, string>
  return {
    type,
    action: type === 'TransformationEvent' ? '' : 'OBSERVE',
    step: '',
    disposition: '',
    local: asLocal(now.toISOString(), offset),
    offset,
    readPoint: '',
    location: '',
    parent: [],
    things: [],
    inputs: [],
    outputs: [],
    transactions: [],
    sources: [],
    destinations: [],
    readings: [],
    plant: blank(PLANT_FIELDS),
    ilmd: blank(DATES),
  }
}

// Which lists an event of a type has, and under which names.
const LISTS: Record<EventType, Partial<Record<ListName, readonly [string, string]>>> = {
  ObjectEvent: { things: ['epcList', 'quantityList'] },
  AggregationEvent: { things: ['childEPCs', 'childQuantityList'] },
  AssociationEvent: { things: ['childEPCs', 'childQuantityList'] },
  TransactionEvent: { things: ['epcList', 'quantityList'] },
  TransformationEvent: {
    inputs: ['inputEPCList', 'inputQuantityList'],
    outputs: ['outputEPCList', 'outputQuantityList'],
  },
}

export function hasParent(type: EventType): boolean {
  return type === 'AggregationEvent' || type === 'AssociationEvent' || type === 'TransactionEvent'
}
// Master data of lots and things may be told where these come into being.
export function hasIlmd(draft: Draft): boolean {
  return draft.type === 'TransformationEvent' || (draft.type === 'ObjectEvent' && draft.action === 'ADD')
}

type Context = (string | Record<string, string>)[]

function contextOf(base: Body): Context {
  const said = base['@context']
  return (Array.isArray(said) ? said : said ? [said] : [CONTEXT]) as Context
}

// The names under which a plant's own field may stand: behind a prefix of ours, or as a URI.
function prefixIn(context: Context): string | null {
  for (const part of context) {
    if (typeof part === 'string') continue
    const found = Object.entries(part).find(([, value]) => value === NAMESPACE)
    if (found) return found[0]
  }
  return null
}

const KNOWN = [
  ...['type', 'action', 'bizStep', 'disposition', 'eventTime', 'eventTimeZoneOffset', 'readPoint'],
  ...['bizLocation', 'parentID', 'bizTransactionList', 'sourceList', 'destinationList'],
  ...Object.values(LISTS).flatMap((one) => Object.values(one).flatMap((pair) => [...pair])),
]
// The journal gives these anew.
const GIVEN = ['eventID', 'recordTime', 'errorDeclaration']

function numberOf(text: string): number | undefined {
  const value = Number(text.trim().replace(',', '.'))
  return text.trim() && Number.isFinite(value) ? value : undefined
}

function amounts(rows: CodeRow[]): Body[] {
  return rows
    .filter((row) => row.isClass)
    .map((row) => {
      const quantity = numberOf(row.quantity)
      if (quantity === undefined) return { epcClass: row.uri }
      return { epcClass: row.uri, quantity, ...(row.uom ? { uom: row.uom } : {}) }
    })
}

function put(body: Body, name: string, value: unknown): void {
  const isEmpty = value === '' || value === undefined || (Array.isArray(value) && !value.length)
  if (!isEmpty) body[name] = value
}

// A document is named by a URI; a bare number is one of the plant, which its GLN makes unique.
export function transactionUri(id: string, location: string): string {
  const text = id.trim()
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return text
  const gln = /\/414\/(\d{13})/.exec(location)?.[1]
  return gln ? `urn:epcglobal:cbv:bt:${gln}:${encodeURIComponent(text)}` : text
}

function sensorElements(draft: Draft, base: Body): unknown {
  // Readings that a form did not make may say more than it knows: they stay as they are.
  if (base.sensorElementList && sameReadings(draft.readings, readingsIn(base))) {
    return base.sensorElementList
  }
  const reports = draft.readings
    .filter((one) => one.type && one.value.trim())
    .map((one) => ({
      type: one.type,
      value: numberOf(one.value) ?? one.value.trim(),
      ...(one.uom ? { uom: one.uom } : {}),
      ...(one.device.trim() ? { deviceID: one.device.trim() } : {}),
    }))
  if (!reports.length) return []
  return [{ sensorMetadata: { time: asInstant(draft.local, draft.offset) }, sensorReport: reports }]
}
const sameReadings = (a: Reading[], b: Reading[]) => JSON.stringify(a) === JSON.stringify(b)

export function eventOf(draft: Draft, base: Body = {}): Body {
  const context = contextOf(base)
  const usesPlant = PLANT_FIELDS.some((name) => draft.plant[name].trim())
  const prefix = prefixIn(context) ?? PREFIX
  const isDeclared = prefixIn(context) !== null
  const body: Body = {
    '@context': usesPlant && !isDeclared ? [...context, { [PREFIX]: NAMESPACE }] : context,
    type: draft.type,
    eventTime: asInstant(draft.local, draft.offset),
    eventTimeZoneOffset: draft.offset,
  }
  const same = base.eventTime
  // The same moment keeps its fractions of a second.
  if (typeof same === 'string' && asLocal(same, draft.offset) === draft.local) body.eventTime = same
  if (hasParent(draft.type)) put(body, 'parentID', draft.parent[0]?.uri)
  for (const [list, names] of Object.entries(LISTS[draft.type])) {
    const rows = draft[list as ListName]
    put(body, names[0], rows.filter((row) => !row.isClass).map((row) => row.uri))
    put(body, names[1], amounts(rows))
  }
  if (draft.type !== 'TransformationEvent') body.action = draft.action
  put(body, 'bizStep', draft.step)
  put(body, 'disposition', draft.disposition)
  put(body, 'readPoint', draft.readPoint ? { id: draft.readPoint } : '')
  put(body, 'bizLocation', draft.location ? { id: draft.location } : '')
  putTrade(body, draft)
  put(body, 'sensorElementList', sensorElements(draft, base))
  putIlmd(body, draft, base)
  for (const name of PLANT_FIELDS) put(body, `${prefix}:${name}`, draft.plant[name].trim())
  const handled = [...KNOWN, ...GIVEN, 'sensorElementList', 'ilmd', '@context']
  const plant = PLANT_FIELDS.map((name) => `${prefix}:${name}`)
  for (const [name, value] of Object.entries(base)) {
    if (!handled.includes(name) && !plant.includes(name)) body[name] = value
  }
  return body
}

function putTrade(body: Body, draft: Draft): void {
  const said = (rows: Typed[]) => rows.filter((one) => one.id.trim())
  const typed = (one: Typed, key: string, id: string) =>
    one.type ? { type: one.type, [key]: id } : { [key]: id }
  const transactions = said(draft.transactions).map((one) =>
    typed(one, 'bizTransaction', transactionUri(one.id, draft.location || draft.readPoint)),
  )
  put(body, 'bizTransactionList', transactions)
  put(body, 'sourceList', said(draft.sources).map((one) => typed(one, 'source', one.id)))
  put(body, 'destinationList', said(draft.destinations).map((one) => typed(one, 'destination', one.id)))
}

function putIlmd(body: Body, draft: Draft, base: Body): void {
  const before = (base.ilmd ?? {}) as Body
  const kept = Object.entries(before).filter(
    ([name]) => !DATES.includes(name.replace('cbvmda:', '') as IlmdField),
  )
  const said = DATES.filter((name) => draft.ilmd[name]).map((name) => [
    `cbvmda:${name}`,
    draft.ilmd[name],
  ])
  const ilmd = Object.fromEntries([...kept, ...said]) as Body
  if (hasIlmd(draft) && Object.keys(ilmd).length) body.ilmd = ilmd
}

// The other way: a form about an event that was recorded.

function rowsIn(body: Body, names: readonly [string, string]): CodeRow[] {
  const single = ((body[names[0]] as string[] | undefined) ?? []).map((uri) => ({
    uri,
    isClass: false,
    quantity: '',
    uom: '',
  }))
  const classes = ((body[names[1]] as Body[] | undefined) ?? []).map((one) => ({
    uri: String(one.epcClass),
    isClass: true,
    quantity: one.quantity === undefined ? '' : String(one.quantity),
    uom: String(one.uom ?? ''),
  }))
  return [...single, ...classes]
}

function typedIn(body: Body, list: string, key: string): Typed[] {
  const said = (body[list] as Record<string, string>[] | undefined) ?? []
  return said.map((one) => ({ type: one.type ?? '', id: one[key] ?? '' }))
}

function readingsIn(body: Body): Reading[] {
  const elements = (body.sensorElementList as Record<string, unknown>[] | undefined) ?? []
  return elements.flatMap((one) =>
    ((one.sensorReport as Record<string, unknown>[] | undefined) ?? [])
      .filter((report) => report.value !== undefined)
      .map((report) => ({
        type: String(report.type ?? ''),
        value: String(report.value),
        uom: String(report.uom ?? ''),
        device: String(report.deviceID ?? ''),
      })),
  )
}

export function draftOf(body: Body): Draft {
  const type = body.type as EventType
  const draft = emptyDraft(type)
  const offset = String(body.eventTimeZoneOffset)
  const prefix = prefixIn(contextOf(body)) ?? PREFIX
  const ilmd = (body.ilmd ?? {}) as Record<string, unknown>
  const idOf = (name: string) => String((body[name] as Body | undefined)?.id ?? '')
  Object.assign(draft, {
    action: String(body.action ?? ''),
    step: String(body.bizStep ?? ''),
    disposition: String(body.disposition ?? ''),
    local: asLocal(String(body.eventTime), offset),
    offset,
    readPoint: idOf('readPoint'),
    location: idOf('bizLocation'),
    transactions: typedIn(body, 'bizTransactionList', 'bizTransaction'),
    sources: typedIn(body, 'sourceList', 'source'),
    destinations: typedIn(body, 'destinationList', 'destination'),
    readings: readingsIn(body),
  })
  for (const [list, names] of Object.entries(LISTS[type])) draft[list as ListName] = rowsIn(body, names)
  if (typeof body.parentID === 'string') {
    draft.parent = [{ uri: body.parentID, isClass: false, quantity: '', uom: '' }]
  }
  for (const name of PLANT_FIELDS) {
    const said = body[`${prefix}:${name}`]
    if (typeof said === 'string') draft.plant[name] = said
  }
  for (const name of DATES) {
    const said = ilmd[`cbvmda:${name}`]
    if (typeof said === 'string') draft.ilmd[name] = said
  }
  return draft
}

// Begin anew with what stays the same from one to the next: not the things, not the time.
export function anotherLike(draft: Draft, now = new Date()): Draft {
  const fresh = emptyDraft(draft.type, now)
  return {
    ...structuredClone(draft),
    local: asLocal(now.toISOString(), draft.offset),
    parent: fresh.parent,
    things: fresh.things,
    inputs: fresh.inputs,
    outputs: fresh.outputs,
    readings: draft.readings.map((one) => ({ ...one, value: '' })),
  }
}
