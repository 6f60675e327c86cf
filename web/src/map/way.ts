// The way of a thing over a map: marks for where it was, arrows between them, labels. Pure.

import type { Span } from '../flow'
import { type PlaceMap, type Position, standingOf } from './model'
import type { Box, Point, Size } from './project'

// One place where it was, with the numbers of its visits in the order of time.
export interface Stop {
  place: string
  at: Position
  numbers: number[]
  isHere: boolean
  isSite: boolean
}

export interface Way {
  stops: Stop[]
  steps: { from: number; to: number }[] // Between stops, by their index.
  missing: string[] // Places that are on no map.
}

// Each visit has a number; what comes back to a place has more than one there. A place that is
// not on the map is left out of the way, and told of beside it.
export function wayOf(map: PlaceMap, spans: readonly Span[]): Way {
  const way: Way = { stops: [], steps: [], missing: [] }
  const index = new Map<string, number>()
  let before: number | null = null
  let number = 0
  for (const span of spans) {
    if (span.kind !== 'at') continue
    number += 1
    const standing = standingOf(map, span.place)
    if (!standing) {
      if (!way.missing.includes(span.place)) way.missing.push(span.place)
      continue
    }
    let here = index.get(span.place)
    if (here === undefined) {
      here = way.stops.length
      index.set(span.place, here)
      const { at, isSite } = standing
      way.stops.push({ place: span.place, at, numbers: [], isHere: false, isSite })
    }
    const stop = way.stops[here]!
    stop.numbers.push(number)
    stop.isHere ||= span.isOpen
    if (before !== null && before !== here) way.steps.push({ from: before, to: here })
    before = here
  }
  return way
}

// `1–3, 7`: numbers that follow each other are written as one.
export function numbered(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  const runs: [number, number][] = []
  for (const one of sorted) {
    const last = runs.at(-1)
    if (last && one === last[1] + 1) last[1] = one
    else runs.push([one, one])
  }
  const said = runs.map(([a, b]) => (a === b ? `${a}` : b === a + 1 ? `${a}, ${b}` : `${a}–${b}`))
  return said.length > 3 ? `${said.slice(0, 2).join(', ')} …` : said.join(', ')
}

export interface Mark {
  x: number
  y: number
  width: number
  text: string
  stops: number[] // More than one where they would lie on each other.
  isHere: boolean
}

export const MARK_HEIGHT = 24
const DIGIT = 7.2

// Stops that would lie on each other share one mark, which opens when one comes nearer.
export function marksOf(stops: readonly Stop[], placed: readonly Point[]): Mark[] {
  const groups: { x: number; y: number; stops: number[] }[] = []
  stops.forEach((_, at) => {
    const { x, y } = placed[at]!
    const near = groups.find((one) => Math.hypot(one.x - x, one.y - y) < MARK_HEIGHT)
    if (near) near.stops.push(at)
    else groups.push({ x, y, stops: [at] })
  })
  return groups.map((group) => {
    const text = numbered(group.stops.flatMap((at) => stops[at]!.numbers))
    return {
      ...group,
      text,
      width: Math.max(MARK_HEIGHT, text.length * DIGIT + 12),
      isHere: group.stops.some((at) => stops[at]!.isHere),
    }
  })
}

export interface Arrow {
  path: string
  head: string
  count: number
}

const BEND = 0.16
const BEND_MAX = 44
const HEAD = 9
const short = (value: number): string => String(Math.round(value * 10) / 10)

// Arrows keep to the right, as on a road, so there and back lie beside each other. What goes
// several times between the same marks is one arrow.
export function arrowsOf(steps: Way['steps'], marks: readonly Mark[]): Arrow[] {
  const markOf = new Map(marks.flatMap((mark, at) => mark.stops.map((stop) => [stop, at] as const)))
  const pairs = new Map<string, { from: Mark; to: Mark; count: number }>()
  for (const step of steps) {
    const [a, b] = [markOf.get(step.from), markOf.get(step.to)]
    if (a === undefined || b === undefined || a === b) continue
    const key = `${a} ${b}`
    const known = pairs.get(key)
    if (known) known.count += 1
    else pairs.set(key, { from: marks[a]!, to: marks[b]!, count: 1 })
  }
  return [...pairs.values()].map(({ from, to, count }) => ({ ...arrow(from, to), count }))
}

function arrow(from: Mark, to: Mark): { path: string; head: string } {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const length = Math.hypot(dx, dy) || 1
  const bend = Math.min(BEND_MAX, length * BEND)
  const middle = {
    x: (from.x + to.x) / 2 - (dy / length) * bend,
    y: (from.y + to.y) / 2 + (dx / length) * bend,
  }
  const start = rim(from, middle, 1)
  const tip = rim(to, middle, 3)
  const back = Math.hypot(middle.x - tip.x, middle.y - tip.y) || 1
  const [ux, uy] = [(middle.x - tip.x) / back, (middle.y - tip.y) / back]
  const end = { x: tip.x + ux * HEAD, y: tip.y + uy * HEAD }
  const side = HEAD * 0.5
  const said = (one: Point): string => `${short(one.x)} ${short(one.y)}`
  return {
    path: `M${said(start)}Q${said(middle)} ${said(end)}`,
    head:
      `M${said(tip)}L${said({ x: end.x - uy * side, y: end.y + ux * side })}` +
      `L${said({ x: end.x + uy * side, y: end.y - ux * side })}Z`,
  }
}

// The point on the edge of a mark, taken as an ellipse, in the direction of another point.
function rim(mark: Mark, towards: Point, gap: number): Point {
  const [dx, dy] = [towards.x - mark.x, towards.y - mark.y]
  const reach = Math.hypot(dx / (mark.width / 2 + gap), dy / (MARK_HEIGHT / 2 + gap)) || 1
  return { x: mark.x + dx / reach, y: mark.y + dy / reach }
}

export interface Label {
  text: string
  x: number
  y: number
  anchor: 'start' | 'end' | 'middle'
}

export interface Wanted {
  text: string
  x: number
  y: number
  gap: number // How far from its point a label begins, sideways.
  isBold?: boolean // Of a place where the thing was: it comes before whatever lies around.
}

export const LABEL_HEIGHT = 17
const WIDE = /[⺀-鿿＀-￯]/

const BOLD = 1.15

export function widthOf(text: string): number {
  return [...text].reduce((sum, one) => sum + (WIDE.test(one) ? 13 : 6.9), 0)
}

// Put labels where there is room, the first ones first: right, below, above, left; else nowhere.
export function labelsOf(
  wanted: readonly Wanted[],
  taken: readonly Box[],
  size: Size,
  shapes: readonly Box[] = [], // Only the names of places where it was may lie on these.
): (Label | null)[] {
  const full = [...taken]
  return wanted.map(({ text, x, y, gap, isBold }) => {
    const width = widthOf(text) * (isBold ? BOLD : 1)
    const avoided = isBold ? [] : shapes
    const down = Math.min(gap, MARK_HEIGHT / 2 + 4) + LABEL_HEIGHT / 2 + 1
    // Above and below it may stand aside a little, so that it does not run over the edge.
    const aside = Math.min(size.width - 5 - width / 2, Math.max(5 + width / 2, x))
    const middle = Math.abs(aside - x) < width / 2 ? aside : x
    const tries: [Label['anchor'], number, number][] = gap
      ? [
          ['start', x + gap, y],
          ['middle', middle, y + down],
          ['middle', middle, y - down],
          ['end', x - gap, y],
        ]
      : [['middle', x, y]]
    for (const [anchor, at, level] of tries) {
      const left = anchor === 'start' ? at : anchor === 'end' ? at - width : at - width / 2
      const box = {
        left: left - 2,
        right: left + width + 2,
        top: level - LABEL_HEIGHT / 2,
        bottom: level + LABEL_HEIGHT / 2,
      }
      const isInside =
        box.left >= 2 && box.right <= size.width - 2 && box.top >= 2 && box.bottom <= size.height - 2
      if (isInside && ![...full, ...avoided].some((one) => meets(one, box))) {
        full.push(box)
        return { text, x: at, y: level, anchor }
      }
    }
    return null
  })
}

function meets(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

export function boxAround(mark: Mark): Box {
  return {
    left: mark.x - mark.width / 2 - 1,
    right: mark.x + mark.width / 2 + 1,
    top: mark.y - MARK_HEIGHT / 2,
    bottom: mark.y + MARK_HEIGHT / 2,
  }
}
