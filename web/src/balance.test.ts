import { expect, test } from 'vitest'

import { barsOf, FIGURES, type Figure, type MassBalance } from './balance'

const none: Figure = { quantity: 0, known: 0, unknown: 0, sequences: [] }
const of = (figures: Partial<MassBalance>): MassBalance => ({
  ...(Object.fromEntries(FIGURES.map((name) => [name, none])) as Record<(typeof FIGURES)[number], Figure>),
  uri: 'u',
  product: null,
  uom: 'KGM',
  lots: 1,
  position: 1,
  unexplained: 0,
  is_counted: true,
  expected_loss: null,
  is_within_expected_loss: null,
  ...figures,
})
const figure = (quantity: number): Figure => ({ ...none, quantity, known: quantity })

test('bars begin where those before end, and the last is what is missing', () => {
  const bars = barsOf(of({ received: figure(100), used: figure(70), in_stock: figure(20), unexplained: 10 }))
  expect(bars.map((one) => [one.name, one.left, one.width])).toEqual([
    ['received', 0, 100],
    ['used', 30, 70],
    ['in_stock', 10, 20],
    ['unexplained', 0, 10],
  ])
})

test('more out than in reaches below nothing, and stays in sight', () => {
  const bars = barsOf(of({ received: figure(100), shipped: figure(150), unexplained: -50 }))
  for (const bar of bars) {
    expect(bar.left).toBeGreaterThanOrEqual(0)
    expect(bar.left + bar.width).toBeLessThanOrEqual(100.0001)
  }
})

test('an unknown figure is shown with what is known of it', () => {
  const unknown: Figure = { quantity: null, known: 30, unknown: 2, sequences: [1, 2] }
  const [bar, last] = barsOf(of({ received: unknown, unexplained: null }))
  expect([bar?.quantity, bar?.known, bar?.width, last?.quantity]).toEqual([null, 30, 100, null])
})
