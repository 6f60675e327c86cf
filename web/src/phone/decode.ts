// Finds symbols in a picture: with the browser's own reader where it knows all of ours, else with
// zxing in a worker, which is loaded when it is first needed.

import type { Asked, Decoded } from './decode.worker'
import type { Scanned } from './store'
import { type Read, spelled } from './symbols'

const FORMATS = ['qr_code', 'data_matrix', 'code_128', 'ean_13', 'ean_8', 'upc_a', 'upc_e', 'itf']
const PIXELS_MAX = 2_400

interface Detector {
  detect: (source: CanvasImageSource) => Promise<{ rawValue: string; format: string }[]>
}
interface DetectorClass {
  new (options: { formats: string[] }): Detector
  getSupportedFormats: () => Promise<string[]>
}

let worker: Worker | null = null
let number = 0
const waiting = new Map<number, (found: Read[]) => void>()

function ask(picture: ImageData, isThorough: boolean): Promise<Read[]> {
  if (!worker) {
    worker = new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }: MessageEvent<Decoded>) => {
      waiting.get(data.id)?.(data.found)
      waiting.delete(data.id)
    })
  }
  const asked: Asked = { id: ++number, picture, isThorough }
  worker.postMessage(asked, [picture.data.buffer])
  return new Promise((resolve) => waiting.set(asked.id, resolve))
}

let native: Promise<Detector | null> | null = null

function ownReader(): Promise<Detector | null> {
  native ??= (async () => {
    const known = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
    if (!known) return null
    const formats = await known.getSupportedFormats().catch((): string[] => [])
    return FORMATS.every((one) => formats.includes(one)) ? new known({ formats: FORMATS }) : null
  })()
  return native
}

function once(found: Scanned[]): Scanned[] {
  return [...new Map(found.map((one) => [one.code, one])).values()]
}

const canvas = document.createElement('canvas')

function draw(source: CanvasImageSource, width: number, height: number): ImageData | null {
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d', { willReadFrequently: true })
  context?.drawImage(source, 0, 0, width, height)
  return context?.getImageData(0, 0, width, height) ?? null
}

// Look at what the camera shows now.
export async function readVideo(video: HTMLVideoElement): Promise<Scanned[]> {
  const own = await ownReader()
  if (own) {
    const found = await own.detect(video).catch(() => [])
    return once(
      found.map(({ rawValue, format }) => spelled({ text: rawValue, identifier: '', format })),
    )
  }
  const scale = Math.min(1, 1280 / Math.max(video.videoWidth, video.videoHeight))
  const [width, height] = [video.videoWidth * scale, video.videoHeight * scale].map(Math.round)
  const picture = width && height ? draw(video, width, height) : null
  return picture ? once((await ask(picture, false)).map(spelled)) : []
}

// Look at a photo for long: whoever took it waits for what is in it.
export async function readPhoto(file: Blob): Promise<Scanned[]> {
  const picture = await createImageBitmap(file)
  const scale = Math.min(1, PIXELS_MAX / Math.max(picture.width, picture.height))
  const width = Math.max(1, Math.round(picture.width * scale))
  const height = Math.max(1, Math.round(picture.height * scale))
  const pixels = draw(picture, width, height)
  picture.close()
  return pixels ? once((await ask(pixels, true)).map(spelled)) : []
}

// Have the reader ready before the first picture comes.
export async function warmUp(): Promise<void> {
  if (!(await ownReader())) await ask(new ImageData(8, 8), false)
}
