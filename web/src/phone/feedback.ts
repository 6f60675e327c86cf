// A scan is answered to the ear and the hand, too: each verdict has a tone and a pulse.

import type { Verdict } from './store'

const SILENT = 'suyuan.silent'
// Hertz and milliseconds, one after the other; and the pulse in milliseconds, on and off.
const TONES: Record<Verdict, [number, number][]> = {
  good: [[1320, 90]],
  warned: [[660, 120], [660, 120]],
  held: [[220, 180], [220, 180], [220, 320]],
  unknown: [[440, 140], [330, 180]],
  wrong: [[260, 260]],
  waiting: [[880, 60], [880, 60]],
}
const PULSES: Record<Verdict, number[]> = {
  good: [60],
  warned: [80, 60, 80],
  held: [200, 80, 200, 80, 300],
  unknown: [120, 60, 120],
  wrong: [250],
  waiting: [40, 40, 40],
}

let audio: AudioContext | null = null

export function isSilent(): boolean {
  return localStorage.getItem(SILENT) === 'yes'
}

export function setSilent(silent: boolean): void {
  localStorage.setItem(SILENT, silent ? 'yes' : 'no')
}

// Browsers let a page make a sound only after it was touched.
export function prepareSound(): void {
  audio ??= new AudioContext()
  void audio.resume()
}

// Something was read, and is being asked about: the hand knows at once.
export function tick(): void {
  pulse(15)
}

// Before the page is touched the browser refuses, and complains of the page.
function pulse(pattern: number | number[]): void {
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(pattern)
}

export function signal(verdict: Verdict): void {
  pulse(PULSES[verdict])
  if (isSilent() || audio?.state !== 'running') return
  let at = audio.currentTime + 0.01
  for (const [hertz, ms] of TONES[verdict]) {
    const [voice, volume] = [audio.createOscillator(), audio.createGain()]
    voice.type = verdict === 'held' ? 'square' : 'sine'
    voice.frequency.value = hertz
    volume.gain.setValueAtTime(0.25, at)
    volume.gain.exponentialRampToValueAtTime(0.001, at + ms / 1000)
    voice.connect(volume).connect(audio.destination)
    voice.start(at)
    voice.stop(at + ms / 1000)
    at += ms / 1000 + 0.05
  }
}
