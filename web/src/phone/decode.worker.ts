// Reads symbols in pictures, beside the page, so that it stays quick. The program is served by us.

import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url'

import type { Read } from './symbols'

export interface Asked {
  id: number
  picture: ImageData
  isThorough: boolean
}

export interface Decoded {
  id: number
  found: Read[]
}

// Loaded and compiled as soon as the worker is there, not when the first picture comes.
void prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true })

addEventListener('message', ({ data }: MessageEvent<Asked>) => void decode(data))

async function decode({ id, picture, isThorough }: Asked): Promise<void> {
  const found = await readBarcodes(picture, {
    formats: ['QRCode', 'DataMatrix', 'Code128', 'EANUPC', 'ITF', 'DataBar'],
    tryHarder: isThorough,
    tryRotate: true,
    tryInvert: isThorough,
    tryDownscale: isThorough,
    maxNumberOfSymbols: isThorough ? 20 : 2,
    textMode: 'Plain',
  })
  const answer: Decoded = {
    id,
    found: found
      .filter((one) => one.isValid)
      .map((one) => ({
        text: one.text,
        identifier: one.symbologyIdentifier,
        format: one.format,
      })),
  }
  postMessage(answer)
}
