import { expect, test } from 'vitest'

import type { Span } from '../flow'
import { type Drawn, type PlaceMap, type Position, standingOf } from './model'
import { outermost, shapesOf } from './paths'
import { boxOf, fitted, moved, onScreen, projectionOf, roundLength, zoomed } from './project'
import { arrowsOf, labelsOf, marksOf, numbered, wayOf } from './way'

const SITE = 'https://id.gs1.org/414/9521001000109'
const SIZE = { width: 800, height: 600 }

function drawn(place: string | null, at: Position, more: Partial<Drawn> = {}): Drawn {
  const none = { label: null, name: null, name_zh: null, lines: [], areas: [] }
  return { number: 0, points: [at], place, at, ...none, ...more }
}
function mapOf(kind: PlaceMap['kind'], ...features: Drawn[]): PlaceMap {
  const box = boxOf(features.map((one) => ({ x: one.at![0], y: one.at![1] })))!
  return { kind, bounds: [box.left, box.top, box.right, box.bottom], features }
}
function visit(place: string, isOpen = false): Span {
  return { place, from: null, kind: 'at', start: 0, end: 1, isOpen, events: [] }
}

test('north is up, and degrees of longitude are shrunk by the cosine of the middle latitude', () => {
  const map = mapOf('degrees', drawn('a', [10, 50]), drawn('b', [12, 70]))
  const { project, metres } = projectionOf(map)
  const [south, north] = [project([10, 50]), project([10, 70])]
  expect(south.y - north.y).toBeCloseTo(1_000)
  const [west, east] = [project([10, 60]), project([11, 60])]
  expect((east.x - west.x) / (1_000 / 20)).toBeCloseTo(Math.cos(Math.PI / 3))
  expect(metres * 1_000).toBeCloseTo(20 * 111_320)
  const plan = projectionOf(mapOf('plan', drawn('a', [0, 0]), drawn('b', [40, 80])))
  expect(plan.project([40, 0])).toEqual({ x: 500, y: 1_000 })
})

test.each([
  [{ left: 0, top: 0, right: 1_000, bottom: 20 }],
  [{ left: 30, top: -5, right: 30, bottom: 400 }],
  [{ left: 7, top: 7, right: 7, bottom: 7 }],
])('what is fitted lies in the middle and within the margin: %o', (box) => {
  const view = fitted(box, SIZE, 50)
  const corner = onScreen({ x: box.left, y: box.top }, view, SIZE)
  const other = onScreen({ x: box.right, y: box.bottom }, view, SIZE)
  expect(corner.x).toBeGreaterThanOrEqual(50 - 1e-6)
  expect(corner.y).toBeGreaterThanOrEqual(50 - 1e-6)
  expect(corner.x + other.x).toBeCloseTo(SIZE.width)
  expect(corner.y + other.y).toBeCloseTo(SIZE.height)
})

test('what is under the pointer stays there while one comes nearer', () => {
  const view = fitted({ left: 0, top: 0, right: 1_000, bottom: 700 }, SIZE, 20)
  const pointer = { x: 123, y: 456 }
  const under = {
    x: view.x + (pointer.x - SIZE.width / 2) / view.scale,
    y: view.y + (pointer.y - SIZE.height / 2) / view.scale,
  }
  const nearer = zoomed(view, 3, pointer, SIZE)
  expect(nearer.scale).toBeCloseTo(3 * view.scale)
  expect(onScreen(under, nearer, SIZE).x).toBeCloseTo(pointer.x)
  expect(onScreen(under, nearer, SIZE).y).toBeCloseTo(pointer.y)
  expect(onScreen(under, moved(nearer, 10, -5), SIZE).x).toBeCloseTo(pointer.x + 10)
})

test('a place without a feature stands at its site, and extension 0 is the site itself', () => {
  const map = mapOf('plan', drawn(SITE, [1, 1]), drawn(`${SITE}/254/DOCK`, [5, 5]))
  expect(standingOf(map, `${SITE}/254/DOCK`)).toMatchObject({ at: [5, 5], isSite: false })
  expect(standingOf(map, `${SITE}/254/GATE`)).toMatchObject({ at: [1, 1], isSite: true })
  expect(standingOf(map, `${SITE}/254/0`)).toMatchObject({ at: [1, 1], isSite: false })
  expect(standingOf(map, 'https://id.gs1.org/414/9521020001002')).toBeNull()
  expect(standingOf(map, 'geo:31.2,121.5')).toBeNull()
  const earth = mapOf('degrees', drawn(SITE, [121, 31]))
  expect(standingOf(earth, 'geo:31.2,121.5')?.at).toEqual([121.5, 31.2])
})

test('visits are numbered in the order of time, and what is not on the map is told apart', () => {
  const map = mapOf('plan', drawn('a', [0, 0]), drawn('b', [9, 9]))
  const way = wayOf(map, [visit('a'), visit('x'), visit('b'), visit('a', true)])
  expect(way.stops.map((one) => [one.place, one.numbers, one.isHere])).toEqual([
    ['a', [1, 4], true],
    ['b', [3], false],
  ])
  expect(way.steps).toEqual([
    { from: 0, to: 1 },
    { from: 1, to: 0 },
  ])
  expect(way.missing).toEqual(['x'])
})

test('numbers that follow each other are written as one', () => {
  expect(numbered([3, 1, 2, 7])).toBe('1–3, 7')
  expect(numbered([1, 2])).toBe('1, 2')
  expect(numbered([1, 3, 5, 7, 9])).toBe('1, 3 …')
})

test('marks that would lie on each other are one, and there and back are two arrows', () => {
  const stops = ['a', 'b', 'c'].map((place, at) => ({
    place,
    at: [at, at] as const,
    numbers: [at + 1],
    isHere: at === 1,
    isSite: false,
  }))
  const placed = [100, 110, 300].map((x) => ({ x, y: 100 }))
  const marks = marksOf(stops, placed)
  expect(marks.map((one) => [one.text, one.isHere])).toEqual([
    ['1, 2', true],
    ['3', false],
  ])
  const steps = [[0, 1], [1, 2], [2, 0], [0, 2]].map(([from, to]) => ({ from: from!, to: to! }))
  const arrows = arrowsOf(steps, marks)
  expect(arrows.map((one) => one.count)).toEqual([2, 1])
  expect(arrows[0]!.path).not.toBe(arrows[1]!.path)
})

test('no label lies on another, on a mark or over the edge', () => {
  const wanted = Array.from({ length: 60 }, (_, at) => ({
    text: `Place number ${at}`,
    x: (at * 137) % 800,
    y: (at * 71) % 600,
    gap: at % 3 ? 14 : 0,
  }))
  const mark = { left: 300, right: 500, top: 200, bottom: 400 }
  const boxes = labelsOf(wanted, [mark], SIZE).flatMap((one) => {
    if (!one) return []
    const width = one.text.length * 6.9
    const left =
      one.anchor === 'start' ? one.x : one.anchor === 'end' ? one.x - width : one.x - width / 2
    return [{ left, right: left + width, top: one.y - 8, bottom: one.y + 8 }]
  })
  expect(boxes.length).toBeGreaterThan(10)
  const all = [...boxes, mark]
  all.forEach((a, at) => {
    for (const b of all.slice(at + 1)) {
      expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false)
    }
  })
  for (const one of boxes) {
    expect(one.left).toBeGreaterThanOrEqual(0)
    expect(one.right).toBeLessThanOrEqual(SIZE.width)
  }
})

test('a room inside another is told apart, and shapes become paths', () => {
  const square = (left: number, side: number): Position[][][] => {
    const [low, high] = [left, left + side]
    return [[[[low, low], [high, low], [high, high], [low, high], [low, low]]]]
  }
  const outer = drawn('a', [5, 5], { points: [], areas: square(0, 10) })
  const inner = drawn('b', [3, 3], { points: [], areas: square(2, 2) })
  expect([...outermost([outer, inner])]).toEqual([outer])
  const plain = ([x, y]: Position) => ({ x, y })
  expect(shapesOf([inner], plain).areas).toBe('M2 2L4 2L4 4L2 4L2 2Z')
})

test('the scale is a round length that has room', () => {
  expect(roundLength(1, 110)).toBe(100)
  expect(roundLength(0.7, 110)).toBe(50)
  expect(roundLength(30, 110)).toBe(2_000)
})
