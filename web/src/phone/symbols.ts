// What was read from a symbol, spelled so that the server knows it for what it is. Pure.

import type { Scanned } from './store'

export interface Read {
  text: string
  identifier: string // As ISO/IEC 15424 has it: `]d2`; empty when the reader does not tell.
  format: string
}

const SEPARATOR = '\u001d'
// Which symbology a leading FNC1 stands for; the browser's own reader gives it as a separator.
const GS1: Record<string, string> = { data_matrix: ']d2', code_128: ']C1', qr_code: ']Q3' }

export function spelled({ text, identifier, format }: Read): Scanned {
  let code = format === 'upc_e' ? upcOfE(text) : text
  let mark = identifier
  if (!mark && code.startsWith(SEPARATOR) && GS1[format]) {
    mark = GS1[format]
    code = code.slice(1)
  }
  if (!mark && /^(ean|upc)_/.test(format)) mark = ']E0'
  return { code: mark + code, shown: shownOf(mark + code) }
}

// A code as people read it, before the server has told what it is.
export function shownOf(code: string): string {
  const plain = code.replace(/^\][A-Za-z][0-9A-Za-z]/, '')
  const isGs1 = /^\](d2|C1|Q3|e0)/.test(code)
  return (isGs1 && inBrackets(plain)) || plain.replaceAll(SEPARATOR, '␝')
}

// How long the values of those application identifiers are that labels mostly bear; 0: any length.
const LENGTHS: Record<string, number> = {
  ...{ '00': 18, '01': 14, '02': 14, '11': 6, '13': 6, '15': 6, '17': 6, '414': 13 },
  ...{ '10': 0, '21': 0, '30': 0, '37': 0, '254': 0, '8003': 0, '8004': 0 },
}

// `(01)09521001000222(10)L1`, or nothing when it holds what we don't know: only the server does.
function inBrackets(code: string): string | null {
  let rest = code
  let shown = ''
  while (rest) {
    const ai = [2, 3, 4].map((size) => rest.slice(0, size)).find((one) => one in LENGTHS)
    if (ai === undefined) return null
    const value = rest.slice(ai.length)
    const end = value.indexOf(SEPARATOR)
    const length = LENGTHS[ai] || (end < 0 ? value.length : end)
    if (value.length < length) return null
    shown += `(${ai})${value.slice(0, length)}`
    rest = value.slice(value[length] === SEPARATOR ? length + 1 : length)
  }
  return shown
}

// The twelve digits that the eight of a UPC-E stand for (GS1 General Specifications, 5.2.2.4).
export function upcOfE(text: string): string {
  const parts = /^([01])(\d{6})(\d)$/.exec(text)
  if (!parts) return text
  const [, system, body, check] = parts as unknown as [string, string, string, string]
  const last = Number(body[5])
  let long = `${body.slice(0, 5)}0000${last}`
  if (last <= 2) long = `${body.slice(0, 2)}${last}0000${body.slice(2, 5)}`
  else if (last === 3) long = `${body.slice(0, 3)}00000${body.slice(3, 5)}`
  else if (last === 4) long = `${body.slice(0, 4)}00000${body.slice(4, 5)}`
  return system + long + check
}
