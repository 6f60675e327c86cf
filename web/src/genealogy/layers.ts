// Lays boxes out from left to right: layers, order inside each, places. Pure.

export interface Size {
  width: number
  height: number
}

export interface Placed extends Size {
  key: string
  layer: number
  x: number
  y: number
}

export interface Layout {
  placed: Map<string, Placed>
  width: number
  height: number
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>

const GAP_X = 44
const GAP_Y = 14
const SWEEPS = 6

// Give every edge that closes no circle: rework leads back to where it came from.
export function withoutCircles(keys: Iterable<string>, edges: Edges): Map<string, string[]> {
  const state = new Map<string, 'open' | 'done'>()
  const kept = new Map<string, string[]>()
  for (const root of keys) {
    if (state.has(root)) continue
    const path: { key: string; ends: Iterator<string> }[] = []
    const enter = (key: string): void => {
      state.set(key, 'open')
      kept.set(key, [])
      path.push({ key, ends: (edges.get(key) ?? new Set<string>()).values() })
    }
    enter(root)
    while (path.length) {
      const here = path[path.length - 1]
      if (!here) break
      const { value, done } = here.ends.next()
      if (done) {
        state.set(here.key, 'done')
        path.pop()
      } else if (state.get(value) !== 'open') {
        kept.get(here.key)?.push(value)
        if (!state.has(value)) enter(value)
      }
    }
  }
  return kept
}

// Give each key its layer: one more than the last of those that lead to it.
export function layersOf(keys: Iterable<string>, edges: ReadonlyMap<string, string[]>): Map<string, number> {
  const waiting = new Map<string, number>()
  const all = [...keys]
  for (const key of all) waiting.set(key, 0)
  for (const ends of edges.values()) {
    for (const to of ends) waiting.set(to, (waiting.get(to) ?? 0) + 1)
  }
  const layer = new Map<string, number>()
  const ready = all.filter((key) => waiting.get(key) === 0)
  for (const key of ready) layer.set(key, 0)
  for (let at = 0; at < ready.length; at++) {
    const key = ready[at] ?? ''
    for (const to of edges.get(key) ?? []) {
      layer.set(to, Math.max(layer.get(to) ?? 0, (layer.get(key) ?? 0) + 1))
      const left = (waiting.get(to) ?? 1) - 1
      waiting.set(to, left)
      if (left === 0) ready.push(to)
    }
  }
  pullRight(ready, edges, layer)
  return layer
}

// What leads to something stands just before it, not at the far left: edges stay short.
function pullRight(
  order: string[],
  edges: ReadonlyMap<string, string[]>,
  layer: Map<string, number>,
): void {
  for (const key of [...order].reverse()) {
    const ends = edges.get(key) ?? []
    if (!ends.length) continue
    const nearest = Math.min(...ends.map((to) => layer.get(to) ?? 0))
    layer.set(key, Math.max(layer.get(key) ?? 0, nearest - 1))
  }
}

// Order each layer by the middle of the neighbours on the one side, then on the other.
export function orderOf(
  layer: ReadonlyMap<string, number>,
  edges: ReadonlyMap<string, string[]>,
): string[][] {
  const columns: string[][] = []
  for (const [key, at] of layer) (columns[at] ??= []).push(key)
  const before = new Map<string, string[]>()
  for (const [from, ends] of edges) {
    for (const to of ends) {
      const known = before.get(to)
      if (known) known.push(from)
      else before.set(to, [from])
    }
  }
  const place = new Map<string, number>()
  const note = (column: string[]) =>
    column.forEach((key, at) => place.set(key, (at + 0.5) / column.length))
  const middle = (key: string, neighbours: string[] | undefined) =>
    neighbours?.length
      ? neighbours.reduce((sum, one) => sum + (place.get(one) ?? 0.5), 0) / neighbours.length
      : (place.get(key) ?? 0.5)
  const filled = Array.from(columns, (column) => column ?? [])
  filled.forEach(note)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isForward = sweep % 2 === 0
    for (const column of isForward ? filled : [...filled].reverse()) {
      const at = new Map(
        column.map((key) => [key, middle(key, (isForward ? before : edges).get(key))]),
      )
      column.sort((a, b) => (at.get(a) ?? 0) - (at.get(b) ?? 0))
      note(column)
    }
  }
  return filled
}

// Lay out everything. Each layer is as wide as its widest box and stands in the middle.
export function layOut(
  keys: Iterable<string>,
  edges: Edges,
  sizeOf: (key: string) => Size,
): Layout {
  const all = [...keys]
  const kept = withoutCircles(all, edges)
  const columns = orderOf(layersOf(all, kept), kept)
  const heights = columns.map((column) =>
    column.reduce((sum, key) => sum + sizeOf(key).height + GAP_Y, -GAP_Y),
  )
  const height = Math.max(0, ...heights)
  const placed = new Map<string, Placed>()
  let x = 0
  columns.forEach((column, layer) => {
    const width = Math.max(0, ...column.map((key) => sizeOf(key).width))
    let y = (height - (heights[layer] ?? 0)) / 2
    for (const key of column) {
      const size = sizeOf(key)
      placed.set(key, { key, layer, x: x + (width - size.width) / 2, y, ...size })
      y += size.height + GAP_Y
    }
    x += width + GAP_X
  })
  return { placed, width: Math.max(0, x - GAP_X), height }
}

// Give everything on the way to a key and from it: what is lit up when it is selected.
export function wayThrough(key: string, edges: Edges): Set<string> {
  const backwards = new Map<string, Set<string>>()
  for (const [from, ends] of edges) {
    for (const to of ends) {
      const known = backwards.get(to)
      if (known) known.add(from)
      else backwards.set(to, new Set([from]))
    }
  }
  const found = new Set([key])
  for (const ways of [edges, backwards]) {
    const ahead = [key]
    const seen = new Set(ahead)
    for (let here = ahead.pop(); here !== undefined; here = ahead.pop()) {
      for (const next of ways.get(here) ?? []) {
        if (seen.has(next)) continue
        seen.add(next)
        found.add(next)
        ahead.push(next)
      }
    }
  }
  return found
}

// Give the shortest way between two keys, whichever way its edges point.
export function pathBetween(from: string, to: string, edges: Edges): string[] {
  const neighbours = new Map<string, string[]>()
  const meet = (one: string, other: string): void => {
    const known = neighbours.get(one)
    if (known) known.push(other)
    else neighbours.set(one, [other])
  }
  for (const [one, ends] of edges) {
    for (const other of ends) {
      meet(one, other)
      meet(other, one)
    }
  }
  const before = new Map<string, string>([[from, from]])
  const ahead = [from]
  for (let at = 0; at < ahead.length && !before.has(to); at++) {
    const here = ahead[at] ?? ''
    for (const next of neighbours.get(here) ?? []) {
      if (before.has(next)) continue
      before.set(next, here)
      ahead.push(next)
    }
  }
  if (!before.has(to)) return []
  const path = [to]
  for (let here = to; here !== from; ) {
    here = before.get(here) ?? from
    path.unshift(here)
  }
  return path
}
