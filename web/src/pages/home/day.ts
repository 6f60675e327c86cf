// The bars of a day: plain numbers that an SVG draws.

export interface Bar {
  hour: number
  events: number
  x: number
  y: number
  width: number
  height: number
}

const GAP = 0.2 // Of a bar's place.

// One bar an hour, in a box of 24 by `high`; the hour with the most is as high as the box.
export function barsOf(hours: readonly number[], high: number): Bar[] {
  const most = Math.max(1, ...hours)
  return hours.map((events, hour) => {
    const height = (events / most) * high
    return { hour, events, x: hour + GAP / 2, y: high - height, width: 1 - GAP, height }
  })
}

export function shareOf(part: number, most: number): string {
  return `${most ? Math.max(1, Math.round((100 * part) / most)) : 0}%`
}
