// Finds what a few typed letters may mean: they stand in the text in their order.

const AT_START = 8
const AT_WORD = 5
const ADJACENT = 4

// How well the typed letters fit, the more the better; null when they don't.
export function fit(typed: string, text: string): number | null {
  const wanted = typed.toLowerCase().replaceAll(' ', '')
  const lower = text.toLowerCase()
  if (!wanted) return 0
  const whole = lower.indexOf(typed.trim().toLowerCase())
  let score = whole === 0 ? 40 : whole > 0 ? 20 : 0
  let at = -1
  for (const letter of wanted) {
    const found = nextPlace(lower, letter, at + 1)
    if (found < 0) return null
    if (found === 0) score += AT_START
    else if (isWordStart(lower, found)) score += AT_WORD
    if (found === at + 1) score += ADJACENT
    at = found
  }
  return score - lower.length / 50
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[\s/·(,-]/.test(text[at - 1] ?? '')
}

// The place that follows directly is best, then the start of a word, then any.
function nextPlace(text: string, letter: string, from: number): number {
  if (text[from] === letter) return from
  let any = -1
  for (let at = text.indexOf(letter, from); at >= 0; at = text.indexOf(letter, at + 1)) {
    if (any < 0) any = at
    if (isWordStart(text, at)) return at
  }
  return any
}

export interface Findable {
  words: string[] // Its texts in all languages, so that either finds it.
}

export function find<T extends Findable>(typed: string, all: readonly T[], most: number): T[] {
  const found = all.flatMap((one, order) => {
    const scores = one.words.map((word) => fit(typed, word)).filter((score) => score !== null)
    return scores.length ? [{ one, order, score: Math.max(...scores) }] : []
  })
  found.sort((a, b) => b.score - a.score || a.order - b.order)
  return found.slice(0, most).map(({ one }) => one)
}
