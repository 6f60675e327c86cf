// What an event says, field by field, as groups of labelled facts.

import type { Measured } from '../../measured'
import { unitOf } from '../../units'
import type { Body, Mention, ShownEvent } from './model'

export type Shown =
  | { kind: 'text'; text: string }
  | { kind: 'things'; things: Mention[] }
  | { kind: 'word'; of: 'step' | 'disposition' | 'action' | 'type'; word: string }
  | { kind: 'lasting'; begins: string[]; ends: string[] }
  | { kind: 'moment'; moment: string; zone?: string }
  | { kind: 'code'; text: string }

export interface Fact {
  label: string // The key of a text; a field of somebody's own is called by its own name.
  own?: string
  shown: Shown
}
export interface FactGroup {
  id: string
  facts: Fact[]
}

const THINGS: readonly [string, string[]][] = [
  ['parent', ['parent']],
  ['objects', ['epc', 'quantity']],
  ['children', ['child', 'child_quantity']],
  ['inputs', ['input', 'input_quantity']],
  ['outputs', ['output', 'output_quantity']],
  ['transformation', ['transformation']],
  ['lots', ['lot']],
]
const PLACES: readonly [string, string[]][] = [
  ['read_point', ['read_point']],
  ['business_location', ['business_location']],
]
const TRADE: readonly [string, string[]][] = [
  ['transactions', ['business_transaction']],
  ['sources', ['source']],
  ['destinations', ['destination']],
]
// What is shown elsewhere, or is no fact of the event.
const SHOWN = new Set([
  ...['@context', 'type', 'eventID', 'eventTime', 'eventTimeZoneOffset', 'recordTime', 'action'],
  ...['bizStep', 'disposition', 'readPoint', 'bizLocation', 'bizTransactionList', 'sourceList'],
  ...['destinationList', 'epcList', 'quantityList', 'parentID', 'childEPCs', 'childQuantityList'],
  ...['inputEPCList', 'inputQuantityList', 'outputEPCList', 'outputQuantityList'],
  ...['transformationID', 'sensorElementList', 'ilmd', 'errorDeclaration'],
])
const PLANT = ['operator', 'equipment', 'workOrder', 'operation']

function listed(event: ShownEvent, wanted: readonly [string, string[]][]): Fact[] {
  return wanted.flatMap(([label, roles]) => {
    const things = roles.flatMap((role) => event.mentions[role] ?? [])
    return things.length ? [{ label, shown: { kind: 'things', things } as const }] : []
  })
}

function localName(name: string): string {
  return name.split(/[:#/]/).at(-1) ?? name
}

// Words with underscores are somebody's own, and read better without.
export function plainText(value: unknown): string {
  if (typeof value === 'string') return /^[a-z]+(_[a-z0-9]+)+$/i.test(value) ? value.replaceAll('_', ' ') : value
  if (Array.isArray(value)) return value.map(plainText).join(', ')
  if (typeof value === 'object' && value !== null) {
    const inner = Object.fromEntries(Object.entries(value).map(([name, one]) => [localName(name), one]))
    if ('name' in inner && 'value' in inner && Object.keys(inner).length <= 3) {
      const uom = typeof inner.uom === 'string' ? unitOf(inner.uom) : ''
      return `${plainText(inner.name)} ${plainText(inner.value)} ${uom}`.trim()
    }
    return Object.entries(value)
      .filter(([name]) => name !== 'isA')
      .map(([name, inner]) => `${localName(name)}: ${plainText(inner)}`)
      .join('; ')
  }
  return String(value)
}

// Fields that are not of the standard; those of a plant have labels of ours.
export function ownFacts(body: Body): Fact[] {
  return Object.entries(body)
    .filter(([name]) => !SHOWN.has(name))
    .map(([name, value]) => {
      const local = localName(name)
      if (name === 'persistentDisposition') {
        const { set = [], unset = [] } = value as { set?: string[]; unset?: string[] }
        const lasting: Shown = { kind: 'lasting', begins: set, ends: unset }
        return { label: 'own', own: name, shown: lasting }
      }
      const isUri = typeof value === 'string' && /^(https?|urn):/.test(value)
      const shown: Shown = isUri
        ? { kind: 'things', things: [{ uri: value }] }
        : { kind: 'text', text: plainText(value) }
      return PLANT.includes(local) ? { label: local, shown } : { label: 'own', own: local, shown }
    })
}

function ilmdFacts(body: Body): Fact[] {
  const ilmd = body.ilmd
  if (typeof ilmd !== 'object' || ilmd === null) return []
  return Object.entries(ilmd as Body).map(([name, value]) => ({
    label: 'own',
    own: localName(name),
    shown: { kind: 'text', text: plainText(value) },
  }))
}

export function factsOf(event: ShownEvent): FactGroup[] {
  const { row, body } = event
  const why: Fact[] = []
  const word = (of: 'step' | 'disposition' | 'action', said?: string) => {
    if (said) why.push({ label: of, shown: { kind: 'word', of, word: said } })
  }
  word('step', row.business_step)
  word('action', row.action)
  word('disposition', row.disposition)
  const record: Fact[] = [
    { label: 'recorded', shown: { kind: 'moment', moment: row.record_time } },
    { label: 'number', shown: { kind: 'text', text: String(row.sequence) } },
    { label: 'captured_by', shown: { kind: 'text', text: event.origin?.name ?? '' } },
    { label: 'event_id', shown: { kind: 'code', text: row.event_id } },
    { label: 'hash', shown: { kind: 'code', text: event.event_hash } },
  ]
  const zone = row.event_time_zone_offset
  const groups: FactGroup[] = [
    { id: 'when', facts: [{ label: 'event_time', shown: { kind: 'moment', moment: row.event_time, zone } }] },
    { id: 'what', facts: listed(event, THINGS) },
    { id: 'where', facts: listed(event, PLACES) },
    { id: 'why', facts: [...why, ...listed(event, TRADE)] },
    { id: 'plant', facts: ownFacts(body) },
    { id: 'ilmd', facts: ilmdFacts(body) },
    { id: 'record', facts: record },
  ]
  return groups.filter((one) => one.facts.length)
}

export interface Reading extends Measured {
  time: string
  device: string
}

const PARTS = { value: '', minValue: 'min', meanValue: 'mean', maxValue: 'max' } as const
const TEXTS = ['stringValue', 'booleanValue', 'uriValue'] as const

// What sensors said, one reading a row; minimum, mean and maximum are readings of their own.
export function readingsOf(body: Body): Reading[] {
  const elements = Array.isArray(body.sensorElementList) ? (body.sensorElementList as Body[]) : []
  return elements.flatMap((element) => {
    const metadata = (element.sensorMetadata ?? {}) as Record<string, string>
    const reports = Array.isArray(element.sensorReport) ? (element.sensorReport as Body[]) : []
    return reports.flatMap((report) => rowsOf(report, metadata))
  })
}

function rowsOf(report: Body, metadata: Record<string, string>): Reading[] {
  const said = (name: string) => (report[name] === undefined ? '' : String(report[name]))
  const common: Reading = {
    what: said('type'),
    of: said('microorganism') || said('chemicalSubstance'),
    per: said('suyuan:perVolume'),
    alarm: said('exception'),
    uom: said('uom'),
    time: said('time') || (metadata.time ?? metadata.startTime ?? ''),
    device: said('deviceID') || (metadata.deviceID ?? ''),
  }
  const rows = Object.entries(PARTS)
    .filter(([name]) => report[name] !== undefined)
    .map(([name, part]) => ({ ...common, part, value: Number(report[name]) }))
  const texts = TEXTS.filter((name) => said(name)).map((name) => ({ ...common, text: said(name) }))
  const all = [...rows, ...texts]
  return all.length || !common.alarm ? all : [common]
}
