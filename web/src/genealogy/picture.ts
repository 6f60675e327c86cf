// The picture as the server folds and lays it out: nodes, edges between them, and names.

import type { Direction, Grade, Name } from '../api/answers'

export interface PictureEvent {
  sequence: number
  event_id: string
  event_time: string
  business_step?: string
  place?: string
}

export interface PictureNode {
  key: string
  kind: 'object' | 'group' | 'step' | 'pool'
  side: 'start' | Direction
  layer: number
  order: number
  count: number
  certain?: number
  uri?: string
  product?: string
  members?: 'lots' | 'items' | 'rest'
  first?: string
  last?: string
  opened_from?: string
  is_rest?: boolean
  held?: number
  hold?: string[]
  is_hold_known?: boolean
  event?: PictureEvent
}

export interface Picture {
  position: number
  complete: boolean
  starts: string[]
  counts: { direction: Direction; objects: number; certain: number; carriers: number | null }[]
  nodes: PictureNode[]
  edges: [from: number, to: number, count: number][]
  names: Record<string, Name>
  hidden: string[]
  seconds: number
}

export type Edges = ReadonlyMap<string, ReadonlyMap<string, number>>

export function isThing(node: PictureNode): boolean {
  return node.kind === 'object' || node.kind === 'group'
}

export function gradeOf(node: PictureNode): Grade {
  return (node.certain ?? 0) === node.count ? 'certain' : 'possible'
}

export function edgesOf(picture: Picture): Edges {
  const edges = new Map<string, Map<string, number>>()
  for (const [from, to, count] of picture.edges) {
    const [tail, head] = [picture.nodes[from]?.key, picture.nodes[to]?.key]
    if (tail === undefined || head === undefined) continue
    const ends = edges.get(tail)
    if (ends) ends.set(head, count)
    else edges.set(tail, new Map([[head, count]]))
  }
  return edges
}

function turned(edges: Edges): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [from, ends] of edges) {
    for (const to of ends.keys()) {
      const known = found.get(to)
      if (known) known.push(from)
      else found.set(to, [from])
    }
  }
  return found
}

// Give everything on the way to a key and from it: what is lit up when it is selected.
export function wayThrough(key: string, edges: Edges): Set<string> {
  const backwards = turned(edges)
  const found = new Set([key])
  const forwards = (one: string): Iterable<string> => edges.get(one)?.keys() ?? []
  for (const next of [forwards, (one: string) => backwards.get(one) ?? []]) {
    const ahead = [key]
    const seen = new Set(ahead)
    for (let here = ahead.pop(); here !== undefined; here = ahead.pop()) {
      for (const one of next(here)) {
        if (seen.has(one)) continue
        seen.add(one)
        found.add(one)
        ahead.push(one)
      }
    }
  }
  return found
}

// Give the shortest way between two keys: along the edges or against them, and only where
// neither leads there whichever way they point. What came of the same sample is no origin.
export function pathBetween(from: string, to: string, edges: Edges): string[] {
  const backwards = turned(edges)
  const after = (one: string): string[] => [...(edges.get(one)?.keys() ?? [])]
  const before = (one: string): string[] => backwards.get(one) ?? []
  for (const next of [after, before, (one: string) => [...after(one), ...before(one)]]) {
    const path = pathAlong(from, to, next)
    if (path.length) return path
  }
  return []
}

function pathAlong(from: string, to: string, nextOf: (key: string) => string[]): string[] {
  const before = new Map<string, string>([[from, from]])
  const ahead = [from]
  for (let at = 0; at < ahead.length && !before.has(to); at++) {
    const here = ahead[at] ?? ''
    for (const next of nextOf(here)) {
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

// Give the things before or after one, beyond the steps between.
export function thingsBeside(
  key: string,
  isBefore: boolean,
  edges: Edges,
  nodes: ReadonlyMap<string, PictureNode>,
): PictureNode[] {
  const backwards = isBefore ? turned(edges) : null
  const next = (one: string) => backwards?.get(one) ?? [...(edges.get(one)?.keys() ?? [])]
  const found = new Map<string, PictureNode>()
  const seen = new Set([key])
  const ahead = [...next(key)]
  for (let here = ahead.pop(); here !== undefined; here = ahead.pop()) {
    if (seen.has(here)) continue
    seen.add(here)
    const node = nodes.get(here)
    if (node && isThing(node)) found.set(here, node)
    else ahead.push(...next(here))
  }
  return [...found.values()].sort((a, b) => a.layer - b.layer || a.order - b.order)
}
