// The question of the workspace as its address has it, and as the server wants it.

export interface Question {
  code: string[]
  direction: string
  since: string
  until: string
  as_of: string
  product: string[]
  lot: string[]
  place: string
  party: string
  day: string
  grade: string
  held: string
}

type Query = Record<string, string | string[] | boolean | number>

// One code a line; what is pasted out of a table may stand in quotes, or between tabs.
export function codesIn(text: string): string[] {
  const found = text
    .split(/[\n\r\t]+/)
    .map((one) => one.trim().replace(/^"(.*)"$/, '$1'))
    .filter(Boolean)
  return [...new Set(found)]
}

// The bound of a direction: since when forward, until when back.
function bound(question: Question): Query {
  if (question.direction === 'back') return question.until ? { until: question.until } : {}
  return question.since ? { since: question.since } : {}
}

export function sieveOf(question: Question): Query {
  const query: Query = {}
  for (const name of ['product', 'lot'] as const)
    if (question[name].length) query[name] = question[name]
  for (const name of ['place', 'party', 'day', 'grade'] as const)
    if (question[name]) query[name] = question[name]
  if (question.held) query.held = true
  return query
}

export function queryOf(question: Question, time_zone: string): Query {
  return {
    code: question.code,
    ...bound(question),
    ...(question.as_of && { as_of: question.as_of }),
    ...sieveOf(question),
    time_zone,
  }
}

// A recall asks forward, and of places it wants both ends of the period.
export function recallQueryOf(question: Question, time_zone: string): Query {
  const { since, until, as_of } = question
  return {
    code: question.code,
    ...(since && { since }),
    ...(until && { until }),
    ...(as_of && { as_of }),
    ...sieveOf(question),
    time_zone,
  }
}

// Fields for times speak of the reader's own time, without saying so.
export function toField(moment: string): string {
  if (!moment) return ''
  const at = new Date(moment)
  if (Number.isNaN(at.getTime())) return ''
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
export function fromField(value: string): string {
  const at = new Date(value)
  return value && !Number.isNaN(at.getTime()) ? at.toISOString() : ''
}

// How far along the record a moment is, in thousandths, and back.
export const STEPS = 1000
export function toStep(moment: string, first: string, last: string): number {
  if (!moment) return STEPS
  const [at, from, to] = [moment, first, last].map((one) => Date.parse(one)) as [number, number, number]
  if (to <= from) return STEPS
  return Math.min(STEPS, Math.max(0, Math.round(((at - from) / (to - from)) * STEPS)))
}
export function fromStep(step: number, first: string, last: string): string {
  if (step >= STEPS) return '' // Now, and whatever comes.
  const [from, to] = [Date.parse(first), Date.parse(last)]
  return new Date(from + ((to - from) * step) / STEPS).toISOString()
}

// Sort rows by a column; `-` before its name is the other way round. What is not there comes last.
export function sorted<T extends object>(rows: readonly T[], by: string): T[] {
  const sign = by.startsWith('-') ? -1 : 1
  const key = by.replace(/^-/, '') as keyof T
  if (!by) return [...rows]
  return [...rows].sort((one, other) => {
    const [a, b] = [one[key], other[key]]
    const isGone = (value: unknown) => value === undefined || value === null || value === ''
    if (isGone(a) || isGone(b)) return Number(isGone(a)) - Number(isGone(b))
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * String(a).localeCompare(String(b))
  })
}

// What a chance and a share mean, in numbers that a person reads: one in so many.
export function oneIn(chance: number): number {
  return chance > 0 ? Math.max(1, Math.round(1 / chance)) : Infinity
}

// Rows of a list that a page shows at once.
export const PAGE_ROWS = 100
export const LOT_ROWS = 1000
