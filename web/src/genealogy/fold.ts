// Folds an answer into few boxes before anything is laid out, so that a hundred thousand objects
// open as quickly as a hundred. Pure.
//
// Items of one lot stand as one box, lots of one product too when there are many. A box that the
// reader has opened gives its members one by one, and what is too much for that as one more box.

import type { Direction, Grade, Link, Traced } from '../api/answers'

export type Side = Direction | 'start'

export interface Box {
  key: string
  kind: 'object' | 'group' | 'step'
  side: Side
  uri: string | null // Of an object; of a group the lot or product that its members share.
  product: string | null
  grade: Grade
  count: number
  groupKind: 'items' | 'lots' | null
  isRest: boolean // What is left of an opened group.
  openedFrom: string | null // The group that this was shown one by one out of.
  moment: string | null
  sequence: number | null // Of a step: its event.
}

export interface Folded {
  boxes: Map<string, Box>
  edges: Map<string, Set<string>>
  isCut: boolean
}

export const BOXES_MAX = 2_000
const LOTS_MAX = 6 // More lots of one product than this stand as one box.
const ITEMS_MAX = 3
const SHOWN_ONE_BY_ONE = 60

interface Member {
  uri: string
  grade: Grade
  product: string | null
  lot: string | null
  moment: string | null
  side: Side
}

// Fold what came from both directions into one picture around the starts.
export function fold(answers: Traced[], opened: ReadonlySet<string>): Folded {
  const members = membersOf(answers)
  const linked = new Set<string>()
  for (const { links } of answers) for (const { object } of links) linked.add(object)
  const boxes = new Map<string, Box>()
  const boxOf = new Map<string, string>()
  for (const group of groupsOf(members, linked)) place(group, opened, boxes, boxOf)
  const edges = new Map<string, Set<string>>()
  for (const answer of answers) addSteps(answer, boxes, boxOf, edges)
  addLots(members, linked, boxOf, edges, boxes)
  return cut({ boxes, edges, isCut: false })
}

function membersOf(answers: Traced[]): Map<string, Member> {
  const members = new Map<string, Member>()
  for (const answer of answers) {
    for (const one of answer.object_list) {
      if (members.has(one.uri)) continue
      members.set(one.uri, {
        uri: one.uri,
        grade: one.grade,
        product: one.product ?? null,
        lot: one.lot && one.lot !== one.uri ? one.lot : null,
        moment: one.moment ?? null,
        side: answer.direction,
      })
    }
  }
  for (const start of answers.flatMap((one) => one.starts)) {
    const known = members.get(start)
    members.set(start, {
      uri: start,
      grade: 'certain',
      product: known?.product ?? null,
      lot: known?.lot ?? null,
      moment: known?.moment ?? null,
      side: 'start',
    })
  }
  return members
}

interface Group {
  key: string
  kind: 'items' | 'lots'
  uri: string | null
  members: Member[]
  max: number
}

function groupsOf(members: Map<string, Member>, linked: ReadonlySet<string>): Iterable<Group> {
  const groups = new Map<string, Group>()
  for (const one of members.values()) {
    let key = `start ${one.uri}`
    let kind: Group['kind'] = 'lots'
    let uri: string | null = one.product
    let max = LOTS_MAX
    if (one.side !== 'start') {
      const isItem = one.uri.includes('/21/') || (one.lot !== null && !linked.has(one.uri))
      kind = isItem ? 'items' : 'lots'
      uri = isItem ? (one.lot ?? one.product) : one.product
      max = isItem ? ITEMS_MAX : LOTS_MAX
      key = `${one.side} ${kind} ${uri ?? ''}`
    }
    let group = groups.get(key)
    if (!group) groups.set(key, (group = { key, kind, uri, members: [], max }))
    group.members.push(one)
  }
  return groups.values()
}

function place(
  group: Group,
  opened: ReadonlySet<string>,
  boxes: Map<string, Box>,
  boxOf: Map<string, string>,
): void {
  const { members, key, max } = group
  const isOpen = opened.has(key)
  const shown = members.length <= max ? members.length : isOpen ? SHOWN_ONE_BY_ONE : 0
  for (const one of members.slice(0, shown)) {
    boxes.set(one.uri, { ...boxFor(group, one, 1), kind: 'object', groupKind: null, uri: one.uri })
    const box = boxes.get(one.uri)
    if (box) Object.assign(box, { key: one.uri, openedFrom: members.length > max ? key : null })
    boxOf.set(one.uri, one.uri)
  }
  const rest = members.slice(shown)
  const [first] = rest
  if (!first) return
  const box = boxFor(group, first, rest.length)
  box.isRest = isOpen
  box.grade = rest.every((one) => one.grade === 'certain') ? 'certain' : 'possible'
  boxes.set(key, box)
  for (const one of rest) boxOf.set(one.uri, key)
}

function boxFor(group: Group, one: Member, count: number): Box {
  return {
    key: group.key,
    kind: 'group',
    side: one.side,
    uri: group.uri,
    product: one.product,
    grade: one.grade,
    count,
    groupKind: group.kind,
    isRest: false,
    openedFrom: null,
    moment: one.moment,
    sequence: null,
  }
}

function join(edges: Map<string, Set<string>>, from: string, to: string): void {
  if (from === to) return
  const ends = edges.get(from)
  if (ends) ends.add(to)
  else edges.set(from, new Set([to]))
}

// Steps that join the same boxes are one: a lot that is filled in ninety draws is one way.
function addSteps(
  answer: Traced,
  boxes: Map<string, Box>,
  boxOf: Map<string, string>,
  edges: Map<string, Set<string>>,
): void {
  const steps = new Map<number, { first: Link; ins: Set<string>; outs: Set<string> }>()
  for (const link of answer.links) {
    const box = boxOf.get(link.object)
    if (box === undefined) continue
    let step = steps.get(link.transformation)
    if (!step) {
      steps.set(link.transformation, (step = { first: link, ins: new Set(), outs: new Set() }))
    }
    ;(link.into ? step.ins : step.outs).add(box)
  }
  for (const { first, ins, outs } of steps.values()) {
    if (!ins.size || !outs.size) continue
    const key = `step ${[...ins].sort().join('|')} > ${[...outs].sort().join('|')}`
    const known = boxes.get(key)
    if (known) {
      known.count += 1
      continue
    }
    const step = boxFor({ key, kind: 'lots', uri: null, members: [], max: 0 }, NOBODY, 1)
    const { sequence, event_time: moment } = first
    boxes.set(key, {
      ...step,
      kind: 'step',
      groupKind: null,
      side: answer.direction,
      sequence,
      moment,
    })
    for (const one of ins) join(edges, one, key)
    for (const one of outs) join(edges, key, one)
  }
}

const NOBODY: Member = {
  uri: '',
  grade: 'certain',
  product: null,
  lot: null,
  moment: null,
  side: 'start',
}

// An item comes from its lot, where no step tells more.
function addLots(
  members: Map<string, Member>,
  linked: ReadonlySet<string>,
  boxOf: Map<string, string>,
  edges: Map<string, Set<string>>,
  boxes: Map<string, Box>,
): void {
  const hasEdge = new Set([...edges.keys(), ...[...edges.values()].flatMap((ends) => [...ends])])
  const first = [...members.values()].find((one) => one.side === 'start')
  const start = first && boxOf.get(first.uri)
  for (const one of members.values()) {
    const box = boxOf.get(one.uri)
    if (box === undefined || linked.has(one.uri)) continue
    const lot = one.lot === null ? undefined : boxOf.get(one.lot)
    if (lot !== undefined) join(edges, lot, box)
    else if (!hasEdge.has(box) && one.side !== 'start') joinToStart(one.side, box, start, edges)
  }
  for (const one of members.values()) {
    if (one.side !== 'start') continue
    joinStart(one, boxOf.get(one.uri) ?? one.uri, members, boxOf, edges, boxes)
  }
}

// What names no lot stands beside the start, so that nothing floats.
function joinToStart(
  side: Side,
  box: string,
  start: string | undefined,
  edges: Map<string, Set<string>>,
): void {
  if (start === undefined) return
  if (side === 'forward') join(edges, start, box)
  else join(edges, box, start)
}

// A start that no step names is an item: it comes from the lots of its product.
function joinStart(
  start: Member,
  box: string,
  members: Map<string, Member>,
  boxOf: Map<string, string>,
  edges: Map<string, Set<string>>,
  boxes: Map<string, Box>,
): void {
  const isEntered = [...edges.values()].some((ends) => ends.has(box))
  const own = /^(.*\/01\/\d+)\/21\//.exec(start.uri)?.[1]
  if (isEntered || own === undefined) return
  for (const one of members.values()) {
    const lot = boxOf.get(one.uri)
    const isLot = one.side === 'back' && one.uri.startsWith(`${own}/10/`)
    if (isLot && lot !== undefined && boxes.get(lot)?.grade === 'certain') join(edges, lot, box)
  }
}

// Draw no more than a reader can look at; the export has everything.
function cut(folded: Folded): Folded {
  if (folded.boxes.size <= BOXES_MAX) return folded
  const boxes = new Map([...folded.boxes].slice(0, BOXES_MAX))
  const edges = new Map<string, Set<string>>()
  for (const [from, ends] of folded.edges) {
    for (const to of ends) if (boxes.has(from) && boxes.has(to)) join(edges, from, to)
  }
  return { boxes, edges, isCut: true }
}
