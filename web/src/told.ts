// What an event says and what a thing is called, in the words of whichever shell shows it.

import type { Seen } from './api/answers'
import { kindOf, productOf, shortCode } from './codes'
import { knownName, nameOf } from './names'
import { type Measured, measuredText } from './measured'
import type { Sentence } from './story'
import { figure } from './texts/language'

type Say = (key: string, filled?: Record<string, string>) => string

export function spoken(told: Sentence, say: Say): string {
  const named = (one: string | null) => (one ? nameOf(one) : say('story.at_no_place'))
  return say(told.key, {
    place: named(told.place),
    source: named(told.source),
    destination: named(told.destination),
    step: told.step,
  })
}

// All that was measured, in one line.
export function toldValues(all: readonly Measured[], say: Say, has: (key: string) => boolean): string {
  return all.map((one) => measuredText(one, figure, say, has)).join(' · ')
}

// By itself, by its product, or by its kind; and its own number.
export function called(uri: string, say: Say): string {
  const name = knownName(uri) ?? knownName(productOf(uri)) ?? say(`kind.${kindOf(uri)}`)
  return `${name} ${shortCode(uri)}`
}

// Everything whose name the sentence of an event needs.
export function mentioned(seen: Seen): (string | undefined)[] {
  const parties = [...(seen.sources ?? []), ...(seen.destinations ?? [])]
  return [
    seen.business_location,
    seen.read_point,
    ...parties.flatMap((one) => [one.source, one.destination]),
    ...seen.through,
    ...seen.through.map(productOf),
  ]
}
