// An event in one sentence, and its things in a few words, with the names that are known.

import type { Seen } from '../../api/answers'
import { productOf } from '../../codes'
import { knownName, wantNames } from '../../names'
import { sentenceFor } from '../../story'
import { t, te } from '../../texts'
import { called, mentioned, spoken } from '../../told'

export function sentence(seen: Seen): string {
  return spoken(sentenceFor(seen, seen.through[0] ?? '', te), t)
}

// What something is called, and its own number where the name is not its own.
export function thing(uri: string): string {
  const own = knownName(uri)
  return own && productOf(uri) === uri ? own : called(uri, t)
}

export function wantNamesOf(rows: Seen[]): void {
  wantNames(rows.flatMap(mentioned))
}
