// SHA-256 (FIPS 180-4) for pages without HTTPS, where the browser's own is not to be had.

const K = constants()

export async function sha256(data: ArrayBuffer): Promise<string> {
  if (globalThis.crypto?.subtle) {
    return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', data)))
  }
  return ownSha256(new Uint8Array(data))
}

export function ownSha256(data: Uint8Array): string {
  const state = Uint32Array.of(
    ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a],
    ...[0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19],
  )
  const padded = new Uint8Array(Math.ceil((data.length + 9) / 64) * 64)
  padded.set(data)
  padded[data.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor((data.length * 8) / 2 ** 32))
  view.setUint32(padded.length - 4, (data.length * 8) >>> 0)
  const words = new Uint32Array(64)
  for (let at = 0; at < padded.length; at += 64) fold(state, words, view, at)
  const bytes = new Uint8Array(32)
  state.forEach((word, at) => new DataView(bytes.buffer).setUint32(at * 4, word))
  return hex(bytes)
}

const turn = (word: number, by: number) => (word >>> by) | (word << (32 - by))

function fold(state: Uint32Array, w: Uint32Array, view: DataView, from: number): void {
  for (let at = 0; at < 16; at++) w[at] = view.getUint32(from + at * 4)
  for (let at = 16; at < 64; at++) {
    const a = w[at - 15] as number
    const b = w[at - 2] as number
    const small = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)
    const large = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)
    w[at] = (w[at - 16] as number) + small + (w[at - 7] as number) + large
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let at = 0; at < 64; at++) {
    const choice = (e & f) ^ (~e & g)
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (K[at] as number) + (w[at] as number)) | 0
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, at) => (state[at] = (state[at] as number) + word))
}

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
function constants(): Uint32Array {
  const found: number[] = []
  for (let number = 2; found.length < 64; number++) {
    let isPrime = true
    for (let by = 2; by * by <= number; by++) if (number % by === 0) isPrime = false
    if (isPrime) found.push((Math.cbrt(number) % 1) * 2 ** 32)
  }
  return Uint32Array.from(found)
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((one) => one.toString(16).padStart(2, '0')).join('')
}
