// From the coordinates of a map to the screen: projection, fitting, moving. Pure.

import type { PlaceMap, Position } from './model'

export interface Point {
  x: number
  y: number
}

export interface Size {
  width: number
  height: number
}

// What of the plane is seen: the middle of the screen, and how many pixels a unit has.
export interface View {
  x: number
  y: number
  scale: number
}

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const UNITS = 1_000 // The longer side of a map; so paths have short numbers, whatever the map.
const CLOSEST = 0.02 // Fitting a single point shows so much of the map around it.
const IN_MAX = 100_000
const RADIANS = Math.PI / 180

const DEGREE_METRES = 111_320

export type Project = (at: Position) => Point

// A plan is drawn as it is. Degrees of longitude are shrunk by the cosine of the middle
// latitude: true to shape for a region, and never infinite, as Mercator is at the poles.
export function projectionOf(map: PlaceMap): { project: Project; box: Box; metres: number } {
  const [west, south, east, north] = map.bounds
  const shrink =
    map.kind === 'degrees' ? Math.max(0.01, Math.cos(((south + north) / 2) * RADIANS)) : 1
  const longest = Math.max((east - west) * shrink, north - south) || 1
  const unit = UNITS / longest
  const project: Project = ([x, y]) => ({ x: (x - west) * shrink * unit, y: (north - y) * unit })
  const corner = project([east, south])
  const metres = (map.kind === 'degrees' ? DEGREE_METRES : 1) / unit // That a unit has.
  return { project, box: { left: 0, top: 0, right: corner.x, bottom: corner.y }, metres }
}

export function boxOf(points: readonly Point[]): Box | null {
  if (!points.length) return null
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
  for (const { x, y } of points) {
    box.left = Math.min(box.left, x)
    box.right = Math.max(box.right, x)
    box.top = Math.min(box.top, y)
    box.bottom = Math.max(box.bottom, y)
  }
  return box
}

// Show a box whole, with a margin in pixels around it.
export function fitted(box: Box, size: Size, margin: number): View {
  const least = UNITS * CLOSEST
  const width = Math.max(box.right - box.left, least)
  const height = Math.max(box.bottom - box.top, least)
  const room = { width: size.width - 2 * margin, height: size.height - 2 * margin }
  const scale = Math.max(1e-3, Math.min(room.width / width, room.height / height))
  return { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2, scale }
}

export function onScreen({ x, y }: Point, view: View, size: Size): Point {
  return {
    x: size.width / 2 + (x - view.x) * view.scale,
    y: size.height / 2 + (y - view.y) * view.scale,
  }
}

// Come nearer or go away, while what is under the pointer stays there.
export function zoomed(view: View, factor: number, at: Point, size: Size): View {
  const least = (0.5 * Math.min(size.width, size.height)) / UNITS
  const scale = Math.min(IN_MAX, Math.max(Math.min(least, view.scale), view.scale * factor))
  const [dx, dy] = [at.x - size.width / 2, at.y - size.height / 2]
  return {
    x: view.x + dx / view.scale - dx / scale,
    y: view.y + dy / view.scale - dy / scale,
    scale,
  }
}

export function moved(view: View, dx: number, dy: number): View {
  return { ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }
}

// A round length, 1, 2 or 5 of some power of ten, that takes at most so many pixels.
export function roundLength(metresPerPixel: number, most: number): number {
  const longest = metresPerPixel * most
  const power = 10 ** Math.floor(Math.log10(longest))
  return ([5, 2].find((one) => one * power <= longest) ?? 1) * power
}
