// Finds symbols in a picture: with the browser's own reader where it knows all of ours, else with
// zxing in a worker, which is loaded when it is first needed.

import { wasOn } from './camera'
import type { Asked, Decoded } from './decode.worker'
import type { Scanned } from './store'
import { type Read, spelled } from './symbols'

const FORMATS = ['qr_code', 'data_matrix', 'code_128', 'ean_13', 'ean_8', 'upc_a', 'upc_e', 'itf']
// How a frame is looked at, one after the other until something is found: all of it, coarse, which
// takes two milliseconds, then its middle as fine as the camera gives it, where the frame is drawn.
// Now and then all of it is looked at finely, which takes ten times as long.
const VIEWS: View[] = [
  { share: 1, pixels: 640 },
  { share: 0.6, pixels: 1_280 },
]
const FINE: View = { share: 1, pixels: 1_280 }
const FINE_EVERY = 5
// A photo is looked at as coarse as does, so that a person need not wait.
const PHOTO_PIXELS = [1_600, 3_200]
const PRACTICE_ROUNDS = 3

interface View {
  share: number // Of the width and height, in the middle.
  pixels: number // At most, on the longer side.
}

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

function draw(
  source: CanvasImageSource,
  { width, height }: { width: number; height: number },
  { share, pixels }: View,
): ImageData | null {
  const [seen_width, seen_height] = [width * share, height * share]
  const scale = Math.min(1, pixels / Math.max(seen_width, seen_height))
  canvas.width = Math.max(1, Math.round(seen_width * scale))
  canvas.height = Math.max(1, Math.round(seen_height * scale))
  const context = canvas.getContext('2d', { willReadFrequently: true })
  const [left, top] = [(width - seen_width) / 2, (height - seen_height) / 2]
  context?.drawImage(source, left, top, seen_width, seen_height, 0, 0, canvas.width, canvas.height)
  return context?.getImageData(0, 0, canvas.width, canvas.height) ?? null
}

let frames = 0

// Look at what the camera shows now.
export async function readVideo(video: HTMLVideoElement): Promise<Scanned[]> {
  const own = await ownReader()
  if (own) {
    const found = await own.detect(video).catch(() => [])
    return once(
      found.map(({ rawValue, format }) => spelled({ text: rawValue, identifier: '', format })),
    )
  }
  const size = { width: video.videoWidth, height: video.videoHeight }
  if (!size.width || !size.height) return []
  for (const view of ++frames % FINE_EVERY ? VIEWS : [...VIEWS, FINE]) {
    const picture = draw(video, size, view)
    const found = picture ? await ask(picture, false) : []
    if (found.length) return once(found.map(spelled))
  }
  return []
}

let photos = 0

// Look at a photo for long: whoever took it waits for what is in it.
export function readPhoto(file: Blob): Promise<Scanned[]> {
  photos++
  return readSymbols(file)
}

async function readSymbols(file: Blob): Promise<Scanned[]> {
  for (const pixels of PHOTO_PIXELS) {
    const { picture, ...size } = await pictureOf(file, pixels)
    const drawn = draw(picture, size, { share: 1, pixels })
    picture.close()
    const found = drawn ? await ask(drawn, true) : []
    if (found.length) return once(found.map(spelled))
  }
  return []
}

type Opened = { picture: ImageBitmap | VideoFrame; width: number; height: number }

// Open a photo, no larger than is needed where the browser can: a fifth of the time of all of it.
async function pictureOf(file: Blob, pixels: number): Promise<Opened> {
  if ('ImageDecoder' in globalThis && (await ImageDecoder.isTypeSupported(file.type))) {
    const wanted = { desiredWidth: pixels, desiredHeight: pixels }
    const decoder = new ImageDecoder({ data: file.stream(), type: file.type, ...wanted })
    try {
      const { image } = await decoder.decode()
      return { picture: image, width: image.displayWidth, height: image.displayHeight }
    } catch {
      // It may still be a picture of another kind than its name says.
    } finally {
      decoder.close()
    }
  }
  const picture = await createImageBitmap(file)
  return { picture, width: picture.width, height: picture.height }
}

// Have the reader ready before the first picture comes. Whoever has the camera on takes no photo,
// its frames are practice enough, and the first of them should not have to wait.
export async function warmUp(): Promise<void> {
  await ownReader()
  await ask(new ImageData(8, 8), true) // A photo is read by ours in any case.
  const { idle, practicePhoto } = await import('./practice') // Nobody waits for it.
  for (let round = 0; round < PRACTICE_ROUNDS; round++) {
    await idle()
    const photo = wasOn() || photos ? null : await practicePhoto()
    if (photo) await readSymbols(photo)
  }
}
