// How long something under way may still take, from how far it has come.

// Seconds left, or null as long as there is too little to tell from.
export function secondsLeft(done: number, total: number, seconds: number): number | null {
  if (done <= 0 || seconds < 1 || done > total) return null
  return ((total - done) * seconds) / done
}

// Bytes as people say them, in the units of disks.
export function bytesIn(language: string, bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const
  const at = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1)
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[at],
    maximumFractionDigits: at ? 1 : 0,
  }).format(bytes / 1000 ** at)
}

// Heights of bars from 0 to 100; whatever is there at all can be seen.
export function heights(numbers: readonly number[]): number[] {
  const most = Math.max(...numbers, 1)
  return numbers.map((number) => (number > 0 ? Math.max(2, (100 * number) / most) : 0))
}
