// Where in a text something is that the server names: by JSON Pointer, XPath, line or number.

export interface Place {
  start: number
  end: number
  line: number // from 1
}

const EVENT = /<(?:[\w.-]+:)?(?:Object|Aggregation|Transaction|Transformation|Association)Event[\s>]/g
const EVENT_LISTS = ['/epcisBody/eventList', '/epcisBody/queryResults/resultsBody/eventList', '']
const SPACE = /[\s]*/y
const STRING = /"(?:[^"\\]|\\.)*"/y
const SCALAR = /[^\s,\]}:{["]+/y

export function lineAt(text: string, at: number): number {
  let line = 1
  for (let found = text.indexOf('\n'); found >= 0 && found < at; found = text.indexOf('\n', found + 1)) line++
  return line
}

export function lineStart(text: string, line: number): number {
  let at = 0
  for (let number = 1; number < line; number++) {
    const end = text.indexOf('\n', at)
    if (end < 0) break
    at = end + 1
  }
  return at
}

function wholeLine(text: string, line: number): Place {
  const from = lineStart(text, line)
  const end = text.indexOf('\n', from)
  return { start: from, end: end < 0 ? text.length : end, line }
}

function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  const found = pattern.exec(text)
  return found ? at + found[0].length : at
}
const skipSpace = (text: string, at: number) => match(SPACE, text, at)

// Where a value ends that begins here; brackets are counted, strings are stepped over.
function valueEnd(text: string, from: number): number {
  let depth = 0
  let at = from
  while (at < text.length) {
    const sign = text[at]
    if (sign === '"') at = Math.max(match(STRING, text, at), at + 1)
    else if (sign === '{' || sign === '[') {
      depth++
      at++
    } else if (sign === '}' || sign === ']') {
      depth--
      at++
    } else if (sign === ',' || sign === ':' || /\s/.test(sign ?? '')) {
      at++
      continue
    } else at = Math.max(match(SCALAR, text, at), at + 1)
    if (depth <= 0) return at
  }
  return text.length
}

function textOf(literal: string): string {
  try {
    return JSON.parse(literal) as string
  } catch {
    return literal.slice(1, -1)
  }
}

// Follow a pointer from a value; gives the deepest value there is on the way.
function follow(text: string, from: number, steps: readonly string[]): Place {
  let start = skipSpace(text, from)
  for (const step of steps) {
    const found = text[start] === '{' ? member(text, start, step) : element(text, start, step)
    if (found === null) break
    start = found
  }
  return { start, end: valueEnd(text, start), line: lineAt(text, start) }
}

function member(text: string, object: number, name: string): number | null {
  let at = skipSpace(text, object + 1)
  while (text[at] === '"') {
    const end = match(STRING, text, at)
    const value = skipSpace(text, skipSpace(text, end) + 1)
    if (textOf(text.slice(at, end)) === name) return value
    at = skipSpace(text, valueEnd(text, value))
    if (text[at] !== ',') return null
    at = skipSpace(text, at + 1)
  }
  return null
}

function element(text: string, list: number, step: string): number | null {
  if (text[list] !== '[' || !/^\d+$/.test(step)) return null
  let at = skipSpace(text, list + 1)
  for (let left = Number(step); left > 0; left--) {
    at = skipSpace(text, valueEnd(text, at))
    if (text[at] !== ',') return null
    at = skipSpace(text, at + 1)
  }
  return text[at] === ']' ? null : at
}

function stepsOf(pointer: string): string[] {
  return pointer.split('/').slice(1).map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'))
}

export function isXml(text: string): boolean {
  return /^\uFEFF?\s*</.test(text)
}

function eventNumber(text: string, number: number): Place | null {
  if (isXml(text)) {
    const found = [...text.matchAll(EVENT)][number]
    return found ? wholeLine(text, lineAt(text, found.index)) : null
  }
  for (const list of EVENT_LISTS) {
    const at = follow(text, 0, stepsOf(list))
    const found = text[at.start] === '[' ? element(text, at.start, String(number)) : null
    if (found !== null) return { start: found, end: valueEnd(text, found), line: lineAt(text, found) }
  }
  return wholeLine(text, number + 1)
}

// Find what `where` of a problem names. A text that is no JSON breaks where JSON.parse says.
export function locate(text: string, where: string, code = ''): Place | null {
  if (code === 'event.json_malformed') {
    const at = brokenAt(text)
    if (at !== null) return { start: at, end: Math.min(at + 1, text.length), line: lineAt(text, at) }
  }
  const lines = /\(line (\d+)\)$/.exec(where) ?? /^line (\d+)(?:, column (\d+))?$/.exec(where)
  if (lines) {
    const whole = wholeLine(text, Number(lines[1]))
    const start = lines[2] ? Math.min(whole.start + Number(lines[2]) - 1, whole.end) : whole.start
    return { ...whole, start }
  }
  const inLine = /^line (\d+)(\/.*)$/.exec(where)
  if (inLine) return follow(text, lineStart(text, Number(inLine[1])), stepsOf(inLine[2] ?? ''))
  const event = /^event (\d+)$/.exec(where)
  if (event) return eventNumber(text, Number(event[1]))
  if (where.startsWith('/') && !isXml(text)) return follow(text, 0, stepsOf(where))
  return where ? null : wholeLine(text, 1)
}

// Where a text stops being JSON; null when it never does. One value a line is no fault.
export function brokenAt(text: string): number | null {
  try {
    let at = skipSpace(text, 0)
    while (at < text.length) at = skipSpace(text, parse(text, at))
    return null
  } catch (error) {
    if (error instanceof Broken) return error.at
    throw error
  }
}

class Broken extends Error {
  constructor(readonly at: number) {
    super()
  }
}

const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
// eslint-disable-next-line no-control-regex
const STRICT_STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

function token(pattern: RegExp, text: string, at: number): number {
  const end = match(pattern, text, at)
  if (end === at) throw new Broken(at)
  return end
}

function parse(text: string, from: number): number {
  const sign = text[from]
  if (sign === '"') return token(STRICT_STRING, text, from)
  if (sign !== '{' && sign !== '[') return token(LITERAL, text, from)
  const close = sign === '{' ? '}' : ']'
  let at = skipSpace(text, from + 1)
  if (text[at] === close) return at + 1
  for (;;) {
    if (sign === '{') {
      at = skipSpace(text, token(STRICT_STRING, text, at))
      if (text[at] !== ':') throw new Broken(at)
      at = skipSpace(text, at + 1)
    }
    at = skipSpace(text, parse(text, at))
    if (text[at] === close) return at + 1
    if (text[at] !== ',') throw new Broken(at)
    at = skipSpace(text, at + 1)
  }
}
