import { expect, test } from 'vitest'

import { sidesBeyond } from './beyond'
import { edgesOf, pathBetween, type Picture, type PictureNode, thingsBeside, wayThrough } from './picture'
import { place } from './place'

const node = (key: string, layer: number, order = 0): PictureNode => ({
  key,
  kind: key.startsWith('-') ? 'step' : 'object',
  side: 'forward',
  layer,
  order,
  count: 1,
})
const NODES = [node('a', 0), node('b', 0, 1), node('-', 1), node('c', 2), node('d', 2, 1)]
const PICTURE: Picture = {
  position: 1,
  complete: true,
  starts: ['a'],
  counts: [],
  nodes: NODES,
  edges: [
    [0, 2, 1],
    [1, 2, 3],
    [2, 3, 1],
    [0, 4, 7],
  ],
  names: {},
  hidden: [],
  seconds: 0,
}
const edges = edgesOf(PICTURE)
const byKey = new Map(NODES.map((one) => [one.key, one]))

test('edges go by keys and keep their counts', () => {
  expect(edges.get('b')?.get('-')).toBe(3)
  expect([...(edges.get('a')?.keys() ?? [])]).toEqual(['-', 'd'])
})

test('the way through a box leads both ways, and not to its neighbours', () => {
  expect([...wayThrough('c', edges)].sort()).toEqual(['-', 'a', 'b', 'c'])
  expect(pathBetween('d', 'c', edges)).toEqual(['d', 'a', '-', 'c'])
  expect(pathBetween('d', 'nowhere', edges)).toEqual([])
})

test('a way follows time, even where a way across would be shorter', () => {
  const ways = [['a', 's'], ['s', 'x'], ['y', 's'], ['a', 'm'], ['m', 'n'], ['n', 'y']] as const
  const found = new Map<string, Map<string, number>>()
  for (const [from, to] of ways) found.set(from, new Map([...(found.get(from) ?? []), [to, 1]]))
  expect(pathBetween('a', 'y', found)).toEqual(['a', 'm', 'n', 'y'])
  expect(pathBetween('y', 'a', found)).toEqual(['y', 'n', 'm', 'a'])
})

test('what stands before and after is told beyond the steps between', () => {
  const keys = (list: PictureNode[]) => list.map((one) => one.key)
  expect(keys(thingsBeside('c', true, edges, byKey))).toEqual(['a', 'b'])
  expect(keys(thingsBeside('a', false, edges, byKey))).toEqual(['c', 'd'])
})

test('boxes of a layer keep their order and do not touch, and layers go from left to right', () => {
  const many = Array.from({ length: 40 }, (_, at) => node(`m${at}`, 3, at))
  const fan = new Map(edges)
  fan.set('c', new Map(many.map((one) => [one.key, 1])))
  const { placed, width, height } = place([...NODES, ...many], fan, () => ({ width: 90, height: 40 }))
  const column = many.map((one) => placed.get(one.key)?.y ?? 0)
  for (let at = 1; at < column.length; at++) {
    expect((column[at] ?? 0) - (column[at - 1] ?? 0)).toBeGreaterThanOrEqual(40)
  }
  expect(placed.get('a')?.x).toBe(0)
  expect((placed.get('m0')?.x ?? 0) + 90).toBe(width)
  expect(Math.min(...[...placed.values()].map((one) => one.y))).toBe(0)
  expect(Math.max(...[...placed.values()].map((one) => one.y + 40))).toBe(height)
})

test('a box stands beside the middle of what it is joined to', () => {
  const { placed } = place(NODES.slice(0, 4), edges, () => ({ width: 90, height: 40 }))
  const [a, b, step] = ['a', 'b', '-'].map((key) => placed.get(key)?.y ?? 0)
  expect(step).toBeCloseTo(((a ?? 0) + (b ?? 0)) / 2, 0)
})

test('the picture tells behind which edges it goes on, a few pixels aside', () => {
  const room = { width: 800, height: 400 }
  const layout = { width: 1_000, height: 300 }
  expect(sidesBeyond({ x: 50, y: 50, scale: 0.7 }, room, layout)).toEqual([])
  expect(sidesBeyond({ x: -300, y: -5, scale: 1 }, room, layout)).toEqual(['left'])
  expect(sidesBeyond({ x: -100, y: -200, scale: 2.5 }, room, layout)).toEqual(
    ['left', 'right', 'top', 'bottom'],
  )
})
