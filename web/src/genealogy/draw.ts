// Draws the picture on one canvas, or into an SVG. What is out of sight is not drawn.

import type { Edges } from './picture'
import type { Layout, Placed } from './place'

export interface View {
  x: number
  y: number
  scale: number
}

export interface Drawn {
  title: string
  code: string
  look: 'start' | 'certain' | 'possible' | 'step' | 'pool'
  isGroup: boolean
  alert: string // What is wrong with it, in a word: on hold, recalled, expired.
}

export interface Scene {
  layout: Layout
  edges: Edges
  drawn: ReadonlyMap<string, Drawn>
  selected: string | null
  lit: ReadonlySet<string> | null
}

export type Pen = Pick<
  CanvasRenderingContext2D,
  | 'beginPath'
  | 'moveTo'
  | 'lineTo'
  | 'bezierCurveTo'
  | 'arc'
  | 'roundRect'
  | 'closePath'
  | 'fill'
  | 'stroke'
  | 'fillText'
  | 'measureText'
  | 'setLineDash'
  | 'fillStyle'
  | 'strokeStyle'
  | 'lineWidth'
  | 'globalAlpha'
  | 'font'
  | 'textAlign'
>

export const BOX = { width: 216, height: 50 }
export const STEP = { width: 104, height: 36 }
const TEXT_SCALE_MIN = 0.35 // Below this nobody can read, so nothing is written.
const COUNT_SCALE_MIN = 0.6
const DOT = 6

export interface Palette {
  ink: string
  soft: string
  line: string
  paper: string
  accent: string
  onAccent: string
  tint: string
  warn: string
  warnTint: string
  bad: string
  badTint: string
}

// For paper and for what is taken away: dark ink on white, whatever the screen shows.
export const ON_PAPER: Palette = {
  ink: '#1c2430',
  soft: '#566374',
  line: '#dfe4ea',
  paper: '#ffffff',
  accent: '#0b6e5f',
  onAccent: '#ffffff',
  tint: '#e3f1ee',
  warn: '#8a4b00',
  warnTint: '#fdf1df',
  bad: '#a3212b',
  badTint: '#fdebec',
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return {
    ink: of('ink'),
    soft: of('soft'),
    line: of('line'),
    paper: of('paper'),
    accent: of('accent'),
    onAccent: of('on-accent'),
    tint: of('tint'),
    warn: of('warn'),
    warnTint: of('warn-tint'),
    bad: of('bad'),
    badTint: of('bad-tint'),
  }
}

interface Seen {
  left: number
  top: number
  right: number
  bottom: number
}

export function draw(
  pen: CanvasRenderingContext2D,
  size: { width: number; height: number; ratio: number },
  view: View,
  scene: Scene,
  palette: Palette,
): void {
  const { ratio } = size
  pen.setTransform(ratio, 0, 0, ratio, 0, 0)
  pen.clearRect(0, 0, size.width, size.height)
  pen.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y)
  drawScene(pen, scene, palette, view.scale, {
    left: -view.x / view.scale,
    top: -view.y / view.scale,
    right: (size.width - view.x) / view.scale,
    bottom: (size.height - view.y) / view.scale,
  })
}

export function drawScene(
  pen: Pen,
  scene: Scene,
  palette: Palette,
  scale: number,
  seen: Seen = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity },
): void {
  drawEdges(pen, scene, palette, seen, scale)
  for (const place of scene.layout.placed.values()) {
    const isOutside =
      place.x > seen.right ||
      place.x + place.width < seen.left ||
      place.y > seen.bottom ||
      place.y + place.height < seen.top
    if (!isOutside) drawNode(pen, place, scene, palette, scale)
  }
  pen.globalAlpha = 1
}

interface Curve {
  x1: number
  y1: number
  x2: number
  y2: number
  from: string
  to: string
  count: number
}

// Where edges run changes only with the layout, and frames come one after the other.
const curves = new WeakMap<Scene['layout'], Curve[]>()

function curvesOf(scene: Scene): Curve[] {
  const known = curves.get(scene.layout)
  if (known) return known
  const found: Curve[] = []
  for (const [from, ends] of scene.edges) {
    const a = scene.layout.placed.get(from)
    if (!a) continue
    for (const [to, count] of ends) {
      const b = scene.layout.placed.get(to)
      if (!b) continue
      found.push({
        x1: a.x + a.width - inset(scene, a),
        y1: a.y + middle(scene, a),
        x2: b.x + inset(scene, b),
        y2: b.y + middle(scene, b),
        from,
        to,
        count,
      })
    }
  }
  curves.set(scene.layout, found)
  return found
}

function isSmall(scene: Scene, place: Placed): boolean {
  const look = scene.drawn.get(place.key)?.look
  return look === 'step' || look === 'pool'
}
function inset(scene: Scene, place: Placed): number {
  return isSmall(scene, place) ? place.width / 2 - DOT : 0
}
function middle(scene: Scene, place: Placed): number {
  return isSmall(scene, place) ? DOT + 2 : place.height / 2
}

function drawEdges(pen: Pen, scene: Scene, palette: Palette, seen: Seen, scale: number): void {
  const all = curvesOf(scene).filter(
    ({ x1, x2, y1, y2 }) =>
      Math.min(x1, x2) <= seen.right + 40 &&
      Math.max(x1, x2) >= seen.left - 40 &&
      Math.min(y1, y2) <= seen.bottom &&
      Math.max(y1, y2) >= seen.top,
  )
  const { lit } = scene
  for (const isLit of lit ? [false, true] : [false]) {
    pen.beginPath()
    for (const one of all) {
      if (lit && isLit !== (lit.has(one.from) && lit.has(one.to))) continue
      const bend = Math.max(24, Math.abs(one.x2 - one.x1) / 2)
      pen.moveTo(one.x1, one.y1)
      pen.bezierCurveTo(one.x1 + bend, one.y1, one.x2 - bend, one.y2, one.x2, one.y2)
    }
    pen.globalAlpha = lit && !isLit ? 0.35 : 1
    pen.lineWidth = isLit ? 2.25 : 1.25
    pen.strokeStyle = isLit ? palette.accent : palette.soft
    pen.stroke()
  }
  pen.globalAlpha = 1
  if (scale < COUNT_SCALE_MIN) return
  pen.font = `11px ${FONT}`
  pen.textAlign = 'center'
  for (const one of all) {
    if (one.count < 2 || (lit && !(lit.has(one.from) && lit.has(one.to)))) continue
    const [x, y] = [(one.x1 + one.x2) / 2, (one.y1 + one.y2) / 2]
    const said = `×${one.count.toLocaleString('en')}`
    const width = pen.measureText(said).width + 6
    pen.fillStyle = palette.paper
    outline(pen, x - width / 2, y - 8, width, 15, 4)
    pen.fill()
    pen.fillStyle = palette.soft
    pen.fillText(said, x, y + 4)
  }
  pen.textAlign = 'left'
}

function drawNode(pen: Pen, place: Placed, scene: Scene, palette: Palette, scale: number): void {
  const drawn = scene.drawn.get(place.key)
  if (!drawn) return
  pen.globalAlpha = scene.lit && !scene.lit.has(place.key) ? 0.3 : 1
  const isSelected = scene.selected === place.key
  if (drawn.look === 'step' || drawn.look === 'pool') {
    drawStep(pen, place, drawn, isSelected, palette, scale)
  } else {
    drawBox(pen, place, drawn, isSelected, palette, scale)
  }
}

function drawStep(
  pen: Pen,
  place: Placed,
  drawn: Drawn,
  isSelected: boolean,
  palette: Palette,
  scale: number,
): void {
  const [x, y] = [place.x + place.width / 2, place.y + DOT + 2]
  const size = isSelected ? DOT + 2 : DOT
  const colour = isSelected ? palette.accent : drawn.look === 'pool' ? palette.warn : palette.soft
  pen.beginPath()
  if (drawn.look === 'step') pen.arc(x, y, size, 0, 2 * Math.PI)
  else {
    pen.moveTo(x - size - 1, y)
    pen.lineTo(x, y - size - 1)
    pen.lineTo(x + size + 1, y)
    pen.lineTo(x, y + size + 1)
    pen.closePath()
  }
  pen.fillStyle = isSelected ? palette.accent : palette.paper
  pen.strokeStyle = colour
  pen.lineWidth = 2
  pen.fill()
  pen.stroke()
  if (scale < TEXT_SCALE_MIN) return
  pen.font = `11px ${FONT}`
  pen.textAlign = 'center'
  pen.fillStyle = palette.soft
  pen.fillText(fitted(pen, drawn.title, place.width), x, place.y + 2 * DOT + 17)
  pen.textAlign = 'left'
}

function drawBox(
  pen: Pen,
  place: Placed,
  drawn: Drawn,
  isSelected: boolean,
  palette: Palette,
  scale: number,
): void {
  const { x, y, width, height } = place
  const isStart = drawn.look === 'start'
  const isPossible = drawn.look === 'possible'
  const edge = drawn.alert ? palette.bad : isPossible ? palette.warn : palette.accent
  pen.strokeStyle = edge
  pen.lineWidth = isSelected || (isStart && drawn.alert) ? 3 : 1.5
  pen.setLineDash(isPossible ? [5, 4] : [])
  pen.fillStyle = palette.paper
  if (drawn.isGroup) {
    outline(pen, x + 4, y + 4, width, height)
    pen.fill()
    pen.stroke()
  }
  if (isStart) pen.fillStyle = palette.accent
  else if (drawn.alert) pen.fillStyle = palette.badTint
  else if (isSelected) pen.fillStyle = isPossible ? palette.warnTint : palette.tint
  outline(pen, x, y, width, height)
  pen.fill()
  pen.stroke()
  pen.setLineDash([])
  if (scale < TEXT_SCALE_MIN) return
  pen.fillStyle = isStart ? palette.onAccent : palette.ink
  pen.font = `600 13px ${FONT}`
  pen.fillText(fitted(pen, drawn.title, width - 20), x + 10, y + 21)
  pen.font = `12px ${FONT}`
  let taken = 0
  if (drawn.alert) {
    // A sign and a word beside the colour: nobody has to tell red from green.
    const said = `■ ${drawn.alert}`
    pen.fillStyle = isStart ? palette.onAccent : palette.bad
    pen.fillText(fitted(pen, said, width - 20), x + 10, y + 39)
    taken = Math.min(width - 20, pen.measureText(said).width + 8)
  }
  if (width - 20 - taken < 30) return
  pen.fillStyle = isStart ? palette.onAccent : palette.soft
  pen.fillText(fitted(pen, drawn.code, width - 20 - taken), x + 10 + taken, y + 39)
}

export const FONT =
  'system-ui, "Segoe UI", "Noto Sans CJK SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif'

function outline(
  pen: Pen,
  x: number,
  y: number,
  width: number,
  height: number,
  radius = 7,
): void {
  pen.beginPath()
  pen.roundRect(x, y, width, height, radius)
}

const widths = new Map<string, string>()

// Shorten a text to its width; measuring is slow, so what was measured is remembered.
function fitted(pen: Pen, text: string, width: number): string {
  const key = `${pen.font}\u0000${Math.round(width)}\u0000${text}`
  const known = widths.get(key)
  if (known !== undefined) return known
  let short = text
  if (pen.measureText(text).width > width) {
    let [low, high] = [0, text.length]
    while (low < high) {
      const half = Math.ceil((low + high) / 2)
      if (pen.measureText(`${text.slice(0, half)}…`).width <= width) low = half
      else high = half - 1
    }
    short = `${text.slice(0, low)}…`
  }
  if (widths.size > 20_000) widths.clear()
  widths.set(key, short)
  return short
}
