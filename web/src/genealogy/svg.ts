// The same picture as SVG and PNG, to take away and to print.

import { drawScene, ON_PAPER, type Pen, type Scene } from './draw'

const MARGIN = 24
const PIXELS_MAX = 60_000_000 // What browsers still make a canvas of.
const SIDE_MAX = 16_000

function escaped(text: string): string {
  const signs: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return text.replace(/[&<>"]/g, (sign) => signs[sign] ?? sign)
}
const short = (number: number) => String(Math.round(number * 10) / 10)

// Takes the strokes of a canvas and writes them down as elements.
class SvgPen {
  fillStyle: string | CanvasGradient | CanvasPattern = '#000'
  strokeStyle: string | CanvasGradient | CanvasPattern = '#000'
  lineWidth = 1
  globalAlpha = 1
  font = ''
  textAlign: CanvasTextAlign = 'left'
  readonly elements: string[] = []
  private path: string[] = []
  private dash = ''
  private readonly ruler = document.createElement('canvas').getContext('2d')

  beginPath(): void {
    this.path = []
  }
  moveTo(x: number, y: number): void {
    this.path.push(`M${short(x)} ${short(y)}`)
  }
  lineTo(x: number, y: number): void {
    this.path.push(`L${short(x)} ${short(y)}`)
  }
  closePath(): void {
    this.path.push('Z')
  }
  bezierCurveTo(a: number, b: number, c: number, d: number, x: number, y: number): void {
    this.path.push(`C${[a, b, c, d, x, y].map(short).join(' ')}`)
  }
  arc(x: number, y: number, radius: number): void {
    const [r, left, right] = [short(radius), short(x - radius), short(x + radius)]
    this.path.push(
      `M${left} ${short(y)}A${r} ${r} 0 1 0 ${right} ${short(y)}A${r} ${r} 0 1 0 ${left} ${short(y)}Z`,
    )
  }
  roundRect(x: number, y: number, w: number, h: number, radius?: unknown): void {
    const r = typeof radius === 'number' ? radius : 0
    const corner = `${r} ${r} 0 0 1 `
    this.path.push(
      `M${short(x + r)} ${short(y)}h${short(w - 2 * r)}a${corner}${r} ${r}v${short(h - 2 * r)}` +
        `a${corner}${-r} ${r}h${short(2 * r - w)}a${corner}${-r} ${-r}v${short(2 * r - h)}` +
        `a${corner}${r} ${-r}Z`,
    )
  }
  setLineDash(dash: Iterable<number>): void {
    this.dash = [...dash].join(' ')
  }
  fill(): void {
    this.put(`fill="${String(this.fillStyle)}" stroke="none"`)
  }
  stroke(): void {
    const dash = this.dash && ` stroke-dasharray="${this.dash}"`
    const width = short(this.lineWidth)
    this.put(`fill="none" stroke="${String(this.strokeStyle)}" stroke-width="${width}"${dash}`)
  }
  measureText(text: string): TextMetrics {
    if (!this.ruler) return { width: text.length * 7 } as TextMetrics
    this.ruler.font = this.font
    return this.ruler.measureText(text)
  }
  fillText(text: string, x: number, y: number): void {
    const [, weight = '', size = '12'] = /^(?:(\d+) )?(\d+)px/.exec(this.font) ?? []
    const anchor = this.textAlign === 'center' ? ' text-anchor="middle"' : ''
    const bold = weight && ` font-weight="${weight}"`
    this.elements.push(
      `<text x="${short(x)}" y="${short(y)}" font-size="${size}"${bold}${anchor} ` +
        `fill="${String(this.fillStyle)}"${this.alpha()}>${escaped(text)}</text>`,
    )
  }
  private put(look: string): void {
    if (!this.path.length) return
    this.elements.push(`<path d="${this.path.join('')}" ${look}${this.alpha()}/>`)
  }
  private alpha(): string {
    return this.globalAlpha < 1 ? ` opacity="${short(this.globalAlpha)}"` : ''
  }
}

// Give the whole picture as SVG, with some lines above it that say what it shows.
export function svgOf(scene: Scene, head: readonly string[], font: string): string {
  const pen = new SvgPen()
  drawScene(pen as unknown as Pen, { ...scene, selected: null, lit: null }, ON_PAPER, 1)
  const above = head.length * 20 + (head.length ? 16 : 0)
  const width = Math.max(scene.layout.width, 480) + 2 * MARGIN
  const height = scene.layout.height + above + 2 * MARGIN
  const lines = head.map(
    (line, at) =>
      `<text x="${MARGIN}" y="${MARGIN + 14 + at * 20}" font-size="${at ? 13 : 16}" ` +
      `font-weight="${at ? 400 : 600}" fill="${ON_PAPER.ink}">${escaped(line)}</text>`,
  )
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${short(width)} ${short(height)}" ` +
    `width="${short(width)}" height="${short(height)}" font-family="${escaped(font)}">` +
    `<rect width="100%" height="100%" fill="${ON_PAPER.paper}"/>${lines.join('')}` +
    `<g transform="translate(${MARGIN} ${MARGIN + above})">${pen.elements.join('')}</g></svg>`
  )
}

// Give the whole picture as PNG, as large as a canvas may be.
export function pngOf(scene: Scene, head: readonly string[], font: string): Promise<Blob> {
  const above = head.length * 20 + (head.length ? 16 : 0)
  const width = Math.max(scene.layout.width, 480) + 2 * MARGIN
  const height = scene.layout.height + above + 2 * MARGIN
  const most = Math.min(Math.sqrt(PIXELS_MAX / (width * height)), SIDE_MAX / Math.max(width, height))
  const scale = Math.min(2, most)
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  const pen = canvas.getContext('2d')
  if (!pen) return Promise.reject(new Error('no canvas'))
  pen.scale(scale, scale)
  pen.fillStyle = ON_PAPER.paper
  pen.fillRect(0, 0, width, height)
  pen.fillStyle = ON_PAPER.ink
  head.forEach((line, at) => {
    pen.font = `${at ? '' : '600 '}${at ? 13 : 16}px ${font}`
    pen.fillText(line, MARGIN, MARGIN + 14 + at * 20)
  })
  pen.translate(MARGIN, MARGIN + above)
  drawScene(pen, { ...scene, selected: null, lit: null }, ON_PAPER, 1)
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))))
  })
}

export function takeAway(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
