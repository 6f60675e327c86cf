import { expect, test } from 'vitest'

import type { Link, Traced } from '../api/answers'
import { fold } from './fold'
import { layersOf, layOut, orderOf, pathBetween, wayThrough, withoutCircles } from './layers'

const MILK = 'https://id.gs1.org/01/1'
const CUP = 'https://id.gs1.org/01/2'
const link = (object: string, into: boolean, transformation: number): Link => ({
  object,
  into,
  transformation,
  sequence: transformation,
  event_time: '2026-01-01T00:00:00Z',
})

function traced(items: number, lots = 1): Traced {
  const outs = Array.from({ length: lots }, (_, at) => `${CUP}/10/L${at}`)
  const serials = Array.from({ length: items }, (_, at) => `${CUP}/21/${at}`)
  return {
    direction: 'forward',
    starts: [`${MILK}/10/A`],
    position: 1,
    complete: true,
    objects: lots + items,
    certain: lots,
    carriers: 0,
    seconds: 0,
    products: [],
    object_list: [
      ...outs.map((uri) => ({ uri, grade: 'certain' as const, product: CUP })),
      ...serials.map((uri) => ({ uri, grade: 'possible' as const, product: CUP, lot: outs[0] ?? '' })),
    ],
    links: [link(`${MILK}/10/A`, true, 1), ...outs.map((uri) => link(uri, false, 1))],
  }
}
const LOT = `${CUP}/10/L0`

test('items of one lot are one box that comes from the lot', () => {
  const { boxes, edges } = fold([traced(500)], new Set())
  const group = boxes.get(`forward items ${LOT}`)
  expect([group?.count, group?.grade]).toEqual([500, 'possible'])
  expect(edges.get(LOT)).toContain(`forward items ${LOT}`)
  expect(boxes.size).toBe(4) // Milk, the step, the lot, its items.
})

test('an opened box gives its members one by one, and the rest as one', () => {
  const key = `forward items ${LOT}`
  const { boxes } = fold([traced(500)], new Set([key]))
  expect(boxes.get(key)?.count).toBe(440)
  expect(boxes.get(`${CUP}/21/0`)?.openedFrom).toBe(key)
})

test('many lots of one product are one box, few are not', () => {
  expect(fold([traced(0, 40)], new Set()).boxes.get(`forward lots ${CUP}`)?.count).toBe(40)
  expect(fold([traced(0, 4)], new Set()).boxes.has(LOT)).toBe(true)
})

test('every box of an answer stands on some way', () => {
  const { boxes, edges } = fold([traced(10, 3)], new Set())
  const start = `${MILK}/10/A`
  for (const key of boxes.keys()) expect(pathBetween(start, key, edges), key).not.toEqual([])
})

test('a hundred thousand objects are a few boxes', () => {
  expect(fold([traced(100_000)], new Set()).boxes.size).toBe(4)
})

const edges = new Map([
  ['a', new Set(['b', 'c'])],
  ['b', new Set(['d'])],
  ['c', new Set(['d'])],
  ['d', new Set(['a'])], // Rework.
])

test('a circle is opened where it closes, and every key has its layer', () => {
  const kept = withoutCircles('abcd', edges)
  expect(kept.get('d')).toEqual([])
  const layers = layersOf('abcd', kept)
  expect([...'abcd'].map((key) => layers.get(key))).toEqual([0, 1, 1, 2])
})

test('what leads somewhere stands just before it', () => {
  const kept = withoutCircles('abcx', new Map([['a', new Set(['b'])], ['b', new Set(['c'])], ['x', new Set(['c'])]]))
  expect(layersOf('abcx', kept).get('x')).toBe(1)
})

test('order takes crossings out', () => {
  const kept = new Map([['a', ['y']], ['b', ['x']]])
  const [left, right] = orderOf(layersOf('abxy', kept), kept)
  const at = (column: string[] | undefined, key: string) => column?.indexOf(key) ?? -1
  expect(at(left, 'a') < at(left, 'b')).toBe(at(right, 'y') < at(right, 'x'))
})

test('boxes of a layer do not touch, and layers go from left to right', () => {
  const { placed, width } = layOut('abcd', edges, () => ({ width: 100, height: 40 }))
  const [a, b, c, d] = [...'abcd'].map((key) => placed.get(key))
  expect(Math.abs((b?.y ?? 0) - (c?.y ?? 0))).toBeGreaterThan(40)
  expect([a?.x, d?.x]).toEqual([0, width - 100])
})

test('the way through a box leads both ways, and not to its neighbours', () => {
  const tree = new Map([['a', new Set(['b', 'c'])], ['b', new Set(['d'])]])
  expect([...wayThrough('b', tree)].sort()).toEqual(['a', 'b', 'd'])
  expect(pathBetween('d', 'c', tree)).toEqual(['d', 'b', 'a', 'c'])
})
