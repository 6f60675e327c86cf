// Tells a scan from typing. A hand scanner is a keyboard that types fast and ends with Enter.

const GAP_MS_MAX = 80 // A busy browser may hold one key back,
const MEAN_GAP_MS_MAX = 35 // but nobody types a whole code like this.
const LENGTH_MIN = 6
const SEPARATOR = '\u001d'

export interface Key {
  key: string
  ctrl: boolean
  at_ms: number
}

// Hears every key of the window, and gives the code when a burst of fast keys ends with Enter.
export class ScanSense {
  private text = ''
  private first_ms = 0
  private last_ms = -Infinity

  hear({ key, ctrl, at_ms }: Key): string | null {
    const isFast = at_ms - this.last_ms <= GAP_MS_MAX
    if (key === 'Enter' || key === 'Tab') {
      const mean_ms = (this.last_ms - this.first_ms) / (this.text.length - 1)
      const isScan = isFast && this.text.length >= LENGTH_MIN && mean_ms <= MEAN_GAP_MS_MAX
      const code = isScan ? this.text : null
      this.text = ''
      return key === 'Enter' ? code : null
    }
    // Scanners send the separator of GS1 as a key that types nothing.
    const sign = key === SEPARATOR || (ctrl && key === ']') || key === 'F8' ? SEPARATOR : key
    if (sign.length !== 1 || (ctrl && sign !== SEPARATOR)) return null // Shift comes between.
    this.text = isFast ? this.text + sign : sign
    if (!isFast) this.first_ms = at_ms
    this.last_ms = at_ms
    return null
  }

  // How many keys of the present burst have come; 1 is the first, maybe only a person's.
  get length(): number {
    return this.text.length
  }
}
