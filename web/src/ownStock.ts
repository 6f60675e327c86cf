// How much of a lot is still with us: never shipped, or at a site of our own, as a simulated recall
// of it counts. A mass balance counts all that the record knows of, with whomever it is.

import type { RecallRow } from './api/answers'

export interface OwnStock {
  quantity: number
  uom: string
}

// Null where nobody knows.
export function ownStockOf(rows: readonly RecallRow[], rowCount: number): OwnStock | null {
  if (rowCount > rows.length) return null
  const whole = rows.filter((one) => one.is_lot && one.stage !== 'in_units')
  const [first] = whole // Whoever got some of it has a line; what is left stands in each of them.
  if (first) {
    if (first.remaining === undefined || !first.uom) return null
    return { quantity: first.remaining, uom: first.uom }
  }
  const here = rows.filter(
    ({ is_lot, is_ours, stage }) =>
      !is_lot && (stage === 'on_site' || (is_ours && stage === 'delivered')),
  )
  return { quantity: here.reduce((sum, one) => sum + one.objects, 0), uom: 'C62' }
}
