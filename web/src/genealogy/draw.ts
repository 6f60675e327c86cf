// Draws the picture on one canvas. Boxes out of sight are not drawn.

import type { Layout, Placed } from './layers'

export interface View {
  x: number
  y: number
  scale: number
}

export interface Drawn {
  title: string
  code: string
  look: 'start' | 'certain' | 'possible' | 'step'
  isGroup: boolean
}

export interface Scene {
  layout: Layout
  edges: ReadonlyMap<string, ReadonlySet<string>>
  drawn: ReadonlyMap<string, Drawn>
  selected: string | null
  lit: ReadonlySet<string> | null
}

export const BOX = { width: 216, height: 50 }
export const STEP = { width: 14, height: 14 }
const TEXT_SCALE_MIN = 0.35 // Below this nobody can read, so nothing is written.

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
  }
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
  const seen = {
    left: -view.x / view.scale,
    top: -view.y / view.scale,
    right: (size.width - view.x) / view.scale,
    bottom: (size.height - view.y) / view.scale,
  }
  drawEdges(pen, scene, palette, seen)
  for (const place of scene.layout.placed.values()) {
    const isOutside =
      place.x > seen.right ||
      place.x + place.width < seen.left ||
      place.y > seen.bottom ||
      place.y + place.height < seen.top
    if (!isOutside) drawBox(pen, place, scene, palette, view.scale)
  }
  pen.globalAlpha = 1
}

interface Seen {
  left: number
  top: number
  right: number
  bottom: number
}

function drawEdges(pen: CanvasRenderingContext2D, scene: Scene, palette: Palette, seen: Seen): void {
  for (const isLit of [false, true]) {
    pen.beginPath()
    for (const [from, ends] of scene.edges) {
      const a = scene.layout.placed.get(from)
      if (!a) continue
      for (const to of ends) {
        const b = scene.layout.placed.get(to)
        if (!b) continue
        if (isLit !== (!!scene.lit && scene.lit.has(from) && scene.lit.has(to))) continue
        const [x1, y1] = [a.x + a.width, a.y + a.height / 2]
        const [x2, y2] = [b.x, b.y + b.height / 2]
        if (Math.min(x1, x2) > seen.right || Math.max(x1, x2) < seen.left) continue
        if (Math.min(y1, y2) > seen.bottom || Math.max(y1, y2) < seen.top) continue
        const bend = Math.max(24, Math.abs(x2 - x1) / 2)
        pen.moveTo(x1, y1)
        pen.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2)
      }
    }
    pen.globalAlpha = scene.lit && !isLit ? 0.35 : 1
    pen.lineWidth = isLit ? 2.25 : 1.5
    pen.strokeStyle = isLit ? palette.accent : palette.soft
    pen.stroke()
  }
}

function drawBox(
  pen: CanvasRenderingContext2D,
  place: Placed,
  scene: Scene,
  palette: Palette,
  scale: number,
): void {
  const drawn = scene.drawn.get(place.key)
  if (!drawn) return
  pen.globalAlpha = scene.lit && !scene.lit.has(place.key) ? 0.3 : 1
  const isSelected = scene.selected === place.key
  const { x, y, width, height } = place
  if (drawn.look === 'step') {
    pen.beginPath()
    pen.arc(x + width / 2, y + height / 2, isSelected ? 8 : 6, 0, 2 * Math.PI)
    pen.fillStyle = isSelected ? palette.accent : palette.paper
    pen.strokeStyle = isSelected ? palette.accent : palette.soft
    pen.lineWidth = 2
    pen.fill()
    pen.stroke()
    return
  }
  const isStart = drawn.look === 'start'
  const isPossible = drawn.look === 'possible'
  pen.strokeStyle = isPossible ? palette.warn : palette.accent
  pen.lineWidth = isSelected ? 3 : 1.5
  pen.setLineDash(isPossible ? [5, 4] : [])
  pen.fillStyle = palette.paper
  if (drawn.isGroup) {
    outline(pen, x + 4, y + 4, width, height)
    pen.fill()
    pen.stroke()
  }
  if (isStart) pen.fillStyle = palette.accent
  else if (isSelected) pen.fillStyle = isPossible ? palette.warnTint : palette.tint
  outline(pen, x, y, width, height)
  pen.fill()
  pen.stroke()
  pen.setLineDash([])
  if (scale < TEXT_SCALE_MIN) return
  pen.fillStyle = isStart ? palette.onAccent : palette.ink
  pen.font = `600 13px ${FONT}`
  pen.fillText(fitted(pen, drawn.title, width - 20), x + 10, y + 21)
  pen.fillStyle = isStart ? palette.onAccent : palette.soft
  pen.font = `12px ${FONT}`
  pen.fillText(fitted(pen, drawn.code, width - 20), x + 10, y + 39)
}

const FONT =
  'system-ui, "Segoe UI", "Noto Sans CJK SC", "Microsoft YaHei", "WenQuanYi Micro Hei", sans-serif'

function outline(
  pen: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  pen.beginPath()
  pen.roundRect(x, y, width, height, 7)
}

const widths = new Map<string, string>()

// Shorten a text to its width; measuring is slow, so what was measured is remembered.
function fitted(pen: CanvasRenderingContext2D, text: string, width: number): string {
  const key = `${pen.font}\u0000${text}`
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
