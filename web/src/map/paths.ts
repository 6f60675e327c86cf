// What of a map does not change while it is looked at: its shapes as paths of SVG. Pure.

import type { Drawn, Position } from './model'
import type { Box, Project } from './project'

const short = (value: number): string => String(Number(value.toFixed(5)))

function lineOf(line: readonly Position[], project: Project): string {
  return line
    .map((at, index) => {
      const { x, y } = project(at)
      return `${index ? 'L' : 'M'}${short(x)} ${short(y)}`
    })
    .join('')
}

export interface Shapes {
  areas: string
  lines: string
  points: string // Lines of no length: drawn as dots by their round ends.
}

export function shapesOf(features: readonly Drawn[], project: Project): Shapes {
  return {
    areas: features
      .flatMap((one) => one.areas.flatMap((area) => area.map((ring) => lineOf(ring, project) + 'Z')))
      .join(''),
    lines: features.flatMap((one) => one.lines.map((line) => lineOf(line, project))).join(''),
    points: features.flatMap((one) => one.points.map((at) => lineOf([at], project) + 'h0')).join(''),
  }
}

// The room that an area takes on the map; null for what is a line or a point.
export function roomOf(one: Drawn, project: Project): Box | null {
  if (!one.areas.length) return null
  const [west, south, east, north] = boxOf({ ...one, points: [], lines: [] })
  const [corner, other] = [project([west, north]), project([east, south])]
  return { left: corner.x, top: corner.y, right: other.x, bottom: other.y }
}

// Tell which shapes stand by themselves, in no larger one: those have room for a name outside.
export function outermost(features: readonly Drawn[]): Set<Drawn> {
  const boxes = features.map((one) => ({ one, box: boxOf(one) }))
  if (boxes.length > COMPARED_MAX) return new Set()
  return new Set(
    boxes
      .filter(({ one, box }) => !boxes.some((other) => other.one !== one && holds(other.box, box)))
      .map(({ one }) => one),
  )
}

const COMPARED_MAX = 600
type Bounds = [number, number, number, number]

function boxOf(one: Drawn): Bounds {
  const all = [...one.points, ...one.lines.flat(), ...one.areas.flatMap((area) => area[0] ?? [])]
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of all) {
    box[0] = Math.min(box[0], x)
    box[1] = Math.min(box[1], y)
    box[2] = Math.max(box[2], x)
    box[3] = Math.max(box[3], y)
  }
  return box
}

function holds(outer: Bounds, inner: Bounds): boolean {
  const isWithin =
    outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3]
  return isWithin && outer.some((value, at) => value !== inner[at])
}
