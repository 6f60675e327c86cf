// A mass balance as bars: what came in reaches to the right, what went out comes back. Pure.

export interface Figure {
  quantity: number | null
  known: number
  unknown: number
  sequences: number[]
}

const IN = ['opening', 'received', 'made', 'adjusted'] as const
const OUT = ['used', 'in_stock', 'shipped', 'scrapped', 'sampled', 'returned'] as const
export const FIGURES = [...IN, ...OUT] as const
export type FigureName = (typeof FIGURES)[number]

export type MassBalance = Record<FigureName, Figure> & {
  uri: string
  product: string | null
  uom: string
  lots: number
  position: number
  unexplained: number | null
  is_counted: boolean
  expected_loss: number | null
  is_within_expected_loss: boolean | null
}

export interface BalanceBar extends Figure {
  name: FigureName | 'unexplained'
  sign: '+' | '−' | '='
  look: 'in' | 'out' | 'stock' | 'missing'
  left: number // Percent of all that there is room for.
  width: number
}

// Each bar begins where the one before it ends; figures of nothing are left out.
export function barsOf(balance: MassBalance): BalanceBar[] {
  const amountOf = (name: FigureName) => balance[name].quantity ?? balance[name].known
  const steps: { name: BalanceBar['name']; figure: Figure; change: number }[] = []
  for (const name of FIGURES) {
    const figure = balance[name]
    if (!amountOf(name) && !figure.unknown) continue
    const isIn = (IN as readonly string[]).includes(name)
    steps.push({ name, figure, change: isIn ? amountOf(name) : -amountOf(name) })
  }
  const missing = balance.unexplained
  const nothing = { known: missing ?? 0, unknown: 0, sequences: [] }
  steps.push({
    name: 'unexplained',
    figure: { ...nothing, quantity: missing },
    change: -(missing ?? 0),
  })
  let at = 0
  const ends = [0]
  for (const { change } of steps) ends.push((at += change))
  const low = Math.min(...ends)
  const room = Math.max(...ends) - low || 1
  return steps.map(({ name, figure, change }, place) => {
    const [before, after] = [ends[place] ?? 0, ends[place + 1] ?? 0]
    return {
      ...figure,
      name,
      sign: name === 'unexplained' ? '=' : (IN as readonly string[]).includes(name) ? '+' : '−',
      look: name === 'unexplained' ? 'missing' : name === 'in_stock' ? 'stock' : change > 0 ? 'in' : 'out',
      left: ((Math.min(before, after) - low) / room) * 100,
      width: (Math.abs(change) / room) * 100,
    }
  })
}
