// Places what the server laid out: layers from left to right, each as wide as its widest box. Pure.

import type { Edges, PictureNode } from './picture'

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

const GAP_X = 36
const GAP_Y = 14
const PASSES = 6

// Each box stands beside the middle of its neighbours, as far as the others leave room.
export function place(
  nodes: readonly PictureNode[],
  edges: Edges,
  sizeOf: (node: PictureNode) => Size,
): Layout {
  const columns: Placed[][] = []
  const placed = new Map<string, Placed>()
  for (const node of [...nodes].sort((a, b) => a.order - b.order)) {
    const column = (columns[node.layer] ??= [])
    const above = column.at(-1)
    const y = above ? above.y + above.height + GAP_Y : 0
    const box = { key: node.key, layer: node.layer, x: 0, y, ...sizeOf(node) }
    column.push(box)
    placed.set(node.key, box)
  }
  const filled = Array.from(columns, (column) => column ?? [])
  let x = 0
  for (const column of filled) {
    const width = Math.max(0, ...column.map((one) => one.width))
    for (const one of column) one.x = x + (width - one.width) / 2
    x += width + GAP_X
  }
  settle(filled, placed, edges)
  const all = [...placed.values()]
  const top = Math.min(0, ...all.map((one) => one.y))
  const first = all.length ? Math.min(...all.map((one) => one.y)) : top
  for (const one of all) one.y -= first
  return {
    placed,
    width: Math.max(0, x - GAP_X),
    height: Math.max(0, ...all.map((one) => one.y + one.height)),
  }
}

function settle(columns: Placed[][], placed: Map<string, Placed>, edges: Edges): void {
  const beside = new Map<string, Placed[]>()
  const meet = (one: string, other: Placed): void => {
    const known = beside.get(one)
    if (known) known.push(other)
    else beside.set(one, [other])
  }
  for (const [from, ends] of edges) {
    for (const to of ends.keys()) {
      const [a, b] = [placed.get(from), placed.get(to)]
      if (!a || !b) continue
      meet(from, b)
      meet(to, a)
    }
  }
  for (let pass = 0; pass < PASSES; pass++) {
    for (const column of pass % 2 ? columns : [...columns].reverse()) {
      spread(
        column,
        column.map((one) => {
          const near = beside.get(one.key)
          if (!near?.length) return one.y
          const middle = near.reduce((sum, at) => sum + at.y + at.height / 2, 0) / near.length
          return middle - one.height / 2
        }),
      )
    }
  }
}

interface Block {
  members: Placed[]
  height: number
  wanted: number // Where the members would have it begin, summed up.
  y: number
}

// Put boxes as near as can be to where they want to be, in their order and without touching:
// those that would overlap become one block that stands at the mean of their wishes.
function spread(column: Placed[], wishes: number[]): void {
  const blocks: Block[] = []
  column.forEach((one, at) => {
    const wish = wishes[at] ?? one.y
    let block: Block = { members: [one], height: one.height, wanted: wish, y: wish }
    for (let above = blocks.at(-1); above; above = blocks.at(-1)) {
      if (above.y + above.height + GAP_Y <= block.y) break
      const offset = above.height + GAP_Y
      block = {
        members: [...above.members, ...block.members],
        height: offset + block.height,
        wanted: above.wanted + block.wanted - offset * block.members.length,
        y: 0,
      }
      block.y = block.wanted / block.members.length
      blocks.pop()
    }
    blocks.push(block)
  })
  for (const block of blocks) {
    let y = block.y
    for (const one of block.members) {
      one.y = y
      y += one.height + GAP_Y
    }
  }
}
