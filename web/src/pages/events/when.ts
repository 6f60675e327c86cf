// Times as inputs have them (the clock on the wall) and as events have them (with an offset).

const pad = (number: number): string => String(number).padStart(2, '0')

// The offset of this device's clock at a moment, as `+08:00`.
export function offsetAt(moment: Date): string {
  const minutes = -moment.getTimezoneOffset()
  const much = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(much / 60))}:${pad(much % 60)}`
}

function minutesOf(offset: string): number {
  const match = /^([+-])(\d\d):(\d\d)$/.exec(offset)
  if (!match) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]))
}

// What an input shows of a moment: to the second, on the clock of an offset.
export function asLocal(instant: string, offset?: string): string {
  const time = Date.parse(instant)
  if (Number.isNaN(time)) return ''
  const shift = offset ? minutesOf(offset) : -new Date(time).getTimezoneOffset()
  const there = new Date(time + shift * 60_000)
  const clock = there.toISOString().slice(0, 19)
  return clock.endsWith(':00') ? clock.slice(0, 16) : clock
}

// The moment that an input means, on the clock of an offset, or of this device.
export function asInstant(local: string, offset?: string): string {
  if (!local) return ''
  const whole = local.length === 16 ? `${local}:00` : local
  const zone = offset ?? offsetAt(new Date(whole))
  const time = Date.parse(`${whole}${zone}`)
  return Number.isNaN(time) ? '' : `${whole}${zone}`
}

export const OFFSETS: readonly string[] = [
  ...['-11:00', '-10:00', '-09:00', '-08:00', '-07:00', '-06:00', '-05:00', '-04:00', '-03:00'],
  ...['-02:00', '-01:00', '+00:00', '+01:00', '+02:00', '+03:00', '+03:30', '+04:00', '+05:00'],
  ...['+05:30', '+05:45', '+06:00', '+06:30', '+07:00', '+08:00', '+09:00', '+09:30', '+10:00'],
  ...['+11:00', '+12:00', '+13:00', '+14:00'],
]
