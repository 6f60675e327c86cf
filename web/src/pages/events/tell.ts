// An event in one sentence, and its things in a few words, with the names that are known.

import type { Seen } from '../../api/answers'
import { kindOf, productOf, shortCode } from '../../codes'
import { knownName, nameOf, wantNames } from '../../names'
import { sentenceFor } from '../../story'
import { t, te } from '../../texts'

export function sentence(seen: Seen): string {
  const told = sentenceFor(seen, seen.through[0] ?? '', te)
  const named = (one: string | null) => (one ? nameOf(one) : t('story.at_no_place'))
  return t(told.key, {
    place: named(told.place),
    source: named(told.source),
    destination: named(told.destination),
    step: told.step,
  })
}

// What something is called: by itself, by its product, or by its kind; and its own number.
export function thing(uri: string): string {
  const own = knownName(uri)
  const name = own ?? knownName(productOf(uri)) ?? t(`kind.${kindOf(uri)}`)
  return own && productOf(uri) === uri ? own : `${name} ${shortCode(uri)}`
}

export function wantNamesOf(rows: Seen[]): void {
  wantNames(
    rows.flatMap((one) => [
      one.business_location,
      one.read_point,
      ...(one.sources ?? []).map((party) => party.source),
      ...(one.destinations ?? []).map((party) => party.destination),
      ...one.through,
      ...one.through.map(productOf),
    ]),
  )
}
