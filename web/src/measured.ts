// What was measured, in the words of whichever shell shows it: "Temperature 6.2 °C, alarm".

import { word } from './codes'
import { unitOf } from './units'

export interface Measured {
  what?: string
  part?: string // min, mean or max of a period.
  value?: number
  text?: string // Where it is no number.
  uom?: string
  of?: string // Which germ or substance.
  per?: string
  alarm?: string
}
type Say = (key: string, filled?: Record<string, string>) => string
type Has = (key: string) => boolean

// The name of a word as far as our catalogues know it, else the word itself, made readable.
export function wordName(prefix: string, uri: string, say: Say, has: Has): string {
  const bare = word(uri)
  return has(`${prefix}.${bare}`) ? say(`${prefix}.${bare}`) : bare.replaceAll('_', ' ')
}

// "1 MLT" is one millilitre.
function amountOf(per: string): string {
  const [number, uom] = per.split(' ')
  return uom ? `${number} ${unitOf(uom)}` : per
}

// The value with its unit, and what it was found in.
export function valueOf(one: Measured, number: (value: number) => string, say: Say, has: Has): string {
  const told = one.text
    ? textOf(one.text, say, has)
    : one.value === undefined
      ? ''
      : `${number(one.value)} ${unitOf(one.uom)}`.trim()
  return one.per && told ? say('measured.per', { value: told, per: amountOf(one.per) }) : told
}

// A text may be a whole sentence or an address, and then stays as it is.
function textOf(text: string, say: Say, has: Has): string {
  if (!/^\w+$/.test(text)) return text
  return has(`measured.${text}`) ? say(`measured.${text}`) : text.replaceAll('_', ' ')
}

// What it is a value of: the germ that was counted says more than that something was counted.
export function subjectOf(one: Measured, say: Say, has: Has): string {
  const what = one.of
    ? wordName('germ', one.of, say, has)
    : wordName('measureName', one.what ?? '', say, has)
  return one.part ? say(`measured.${one.part}`, { what }) : what
}

export function measuredText(one: Measured, number: (value: number) => string, say: Say, has: Has): string {
  const filled = { what: subjectOf(one, say, has), value: valueOf(one, number, say, has) }
  const told = one.of
    ? say('measured.of', { of: filled.what, value: filled.value })
    : `${filled.what} ${filled.value}`.trim()
  return one.alarm ? `${told} (${wordName('measured', one.alarm, say, has)})` : told
}
