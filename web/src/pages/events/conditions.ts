// The query language of EPCIS, as conditions that people add, read and remove.
//
// A page's address holds the parameters of the standard under their own names: the link that
// shows a view is also the question to ask at `/epcis/events`. Here a name is taken apart into
// what it asks about, how it compares, and what else it carries, and put together again.

export type Group = 'when' | 'what' | 'where' | 'why' | 'parties' | 'sensor' | 'record' | 'other'
export type Kind =
  | 'time'
  | 'step'
  | 'disposition'
  | 'type'
  | 'action'
  | 'reason'
  | 'place'
  | 'code'
  | 'number'
  | 'flag'
  | 'truth'
  | 'text'
export type Operator = 'EQ' | 'GE' | 'GT' | 'LE' | 'LT' | 'EXISTS'

export interface Field {
  id: string
  group: Group
  kind: Kind
  name: string // As the parameter is named; {op}, {uom}, {type} and {field} stand for the rest.
  operators?: readonly Operator[]
}

export interface Condition {
  field: Field | null // null: a parameter of which only the server knows what it means
  name: string
  operator: Operator
  extra: Record<string, string>
  values: string[]
}

const COMPARE = ['GE', 'LT', 'GT', 'LE', 'EQ'] as const
const NUMBERS = ['EQ', 'GE', 'GT', 'LE', 'LT'] as const
const ANY = [...NUMBERS, 'EXISTS'] as const

function time(id: string, group: Group = 'when'): Field {
  return { id, group, kind: 'time', name: `{op}_${id}`, operators: COMPARE }
}
function plain(group: Group, kind: Kind, ...names: string[]): Field[] {
  return names.map((name) => ({ id: name, group, kind, name }))
}
function sensorNumber(id: string): Field {
  return { id, group: 'sensor', kind: 'number', name: `{op}_${id}_{uom}`, operators: NUMBERS }
}

export const FIELDS: readonly Field[] = [
  time('eventTime'),
  time('recordTime'),
  ...plain('what', 'code', 'MATCH_anyEPC', 'MATCH_anyEPCClass', 'MATCH_epc', 'MATCH_epcClass'),
  ...plain('what', 'code', 'MATCH_parentID', 'MATCH_inputEPC', 'MATCH_inputEPCClass'),
  ...plain('what', 'code', 'MATCH_outputEPC', 'MATCH_outputEPCClass', 'EQ_transformationID'),
  { id: 'quantity', group: 'what', kind: 'number', name: '{op}_quantity_{uom}', operators: NUMBERS },
  ...plain('where', 'place', 'EQ_bizLocation', 'WD_bizLocation', 'EQ_readPoint', 'WD_readPoint'),
  ...plain('why', 'type', 'eventType'),
  ...plain('why', 'action', 'EQ_action'),
  ...plain('why', 'step', 'EQ_bizStep'),
  ...plain('why', 'disposition', 'EQ_disposition', 'EQ_persistentDisposition_set'),
  ...plain('why', 'disposition', 'EQ_persistentDisposition_unset'),
  { id: 'bizTransaction', group: 'parties', kind: 'text', name: 'EQ_bizTransaction_{type}' },
  { id: 'source', group: 'parties', kind: 'code', name: 'EQ_source_{type}' },
  { id: 'destination', group: 'parties', kind: 'code', name: 'EQ_destination_{type}' },
  ...plain('sensor', 'text', 'EQ_type', 'EQ_component', 'EQ_deviceID', 'EQ_deviceMetadata'),
  ...['value', 'minValue', 'maxValue', 'meanValue', 'percValue', 'percRank', 'sDev'].map(sensorNumber),
  time('time', 'sensor'),
  time('startTime', 'sensor'),
  time('endTime', 'sensor'),
  ...plain('sensor', 'text', 'EQ_stringValue', 'EQ_hexBinaryValue', 'EQ_uriValue', 'EQ_rawData'),
  ...plain('sensor', 'truth', 'EQ_booleanValue'),
  ...plain('sensor', 'text', 'EQ_dataProcessingMethod', 'EQ_bizRules', 'EQ_microorganism'),
  ...plain('sensor', 'text', 'EQ_chemicalSubstance', 'EQ_coordinateReferenceSystem'),
  ...plain('sensor', 'text', 'EQ_exception'),
  ...plain('record', 'text', 'EQ_eventID'),
  ...plain('record', 'flag', 'EXISTS_errorDeclaration'),
  ...plain('record', 'reason', 'EQ_errorReason'),
  time('errorDeclarationTime', 'record'),
  ...plain('record', 'text', 'EQ_correctiveEventID'),
  ...plain('record', 'number', 'eventCountLimit', 'maxEventCount'),
  { id: 'exists', group: 'other', kind: 'flag', name: 'EXISTS_{field}' },
  { id: 'own', group: 'other', kind: 'text', name: '{op}_{field}', operators: ANY },
  { id: 'ilmd', group: 'other', kind: 'text', name: '{op}_ILMD_{field}', operators: ANY },
  { id: 'inner', group: 'other', kind: 'text', name: '{op}_INNER_{field}', operators: ANY },
  { id: 'inner_ilmd', group: 'other', kind: 'text', name: '{op}_INNER_ILMD_{field}', operators: ANY },
  { id: 'report', group: 'other', kind: 'text', name: '{op}_SENSORREPORT_{field}', operators: ANY },
  { id: 'has_attribute', group: 'other', kind: 'text', name: 'HASATTR_{field}' },
  { id: 'attribute', group: 'other', kind: 'text', name: 'EQATTR_{field}_{type}' },
]

export const GROUPS: readonly Group[] = [
  ...(['when', 'what', 'where', 'why', 'parties', 'sensor', 'record', 'other'] as const),
]
const PARTS: Record<string, string> = {
  op: '(?<op>EQ|GE|GT|LE|LT|EXISTS)',
  uom: '(?<uom>[A-Z0-9]{2,3})',
  type: '(?<type>.*)',
  field: '(?<field>.+)',
}
// These say how to answer, not what to ask for.
export const NOT_CONDITIONS = new Set(['orderBy', 'orderDirection', 'perPage', 'page', 'view'])

const byName = FIELDS.map((field) => ({ field, pattern: patternOf(field.name) }))

function patternOf(name: string): RegExp {
  const said = name.replace(/\{(\w+)\}/g, (_, part: string) => PARTS[part] ?? '')
  // A unit may be left out, and its line with it.
  return new RegExp(`^${said.replace(`_${PARTS.uom}`, `(?:_${PARTS.uom})?`)}$`)
}

function find(name: string): { field: Field | null; match: RegExpExecArray | null } {
  name = name.replace('errorDeclaration_Time', 'errorDeclarationTime') // A second spelling of it.
  const exact = FIELDS.find((one) => one.name === name)
  if (exact) return { field: exact, match: null }
  for (const { field, pattern } of byName) {
    const match = pattern.exec(name)
    // Fields of one's own have a prefix or a URI, which no name of the standard has.
    const isOwn = /^(own|ilmd|inner|inner_ilmd|report)$/.test(field.id)
    if (match && (!isOwn || /[:#]/.test(match.groups?.field ?? ''))) return { field, match }
  }
  return { field: null, match: null }
}

// Read one parameter of an address.
export function readCondition(name: string, value: string): Condition {
  const { field, match } = find(name)
  const { op, ...extra } = match?.groups ?? {}
  const isFlag = name.startsWith('EXISTS_')
  return {
    field,
    name,
    operator: (op as Operator | undefined) ?? (isFlag ? 'EXISTS' : 'EQ'),
    extra: Object.fromEntries(Object.entries(extra).filter(([, said]) => said !== undefined)),
    values: value.split('|').filter(Boolean),
  }
}

// Put the name of a parameter together.
export function nameFor(field: Field, operator: Operator, extra: Record<string, string>): string {
  return field.name
    .replace('{op}', operator)
    .replace('_{uom}', extra.uom?.trim() ? `_${extra.uom.trim()}` : '')
    .replace('{type}', extra.type?.trim() ?? '')
    .replace('{field}', extra.field?.trim() ?? '')
}

export type Query = Record<string, string>

export function conditionsOf(query: Query): Condition[] {
  return Object.entries(query)
    .filter(([name, value]) => !NOT_CONDITIONS.has(name) && value !== '')
    .map(([name, value]) => readCondition(name, value))
}

export function fieldOf(id: string): Field {
  const field = FIELDS.find((one) => one.id === id)
  if (!field) throw new Error(`there is no field ${id}`)
  return field
}

// What the server is asked: newest first, unless the view says otherwise.
export function asked(query: Query): Query {
  const conditions = Object.fromEntries(
    Object.entries(query).filter(
      ([name, value]) => value !== '' && !['page', 'view'].includes(name),
    ),
  )
  return { orderBy: 'eventTime', orderDirection: 'DESC', ...conditions }
}
