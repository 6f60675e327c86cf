// A photo of our own, to practise on before the first real one comes. Browsers translate a program
// well only once it has worked for a while: unpractised, the first photo takes half as long again.

// What a Data Matrix with the word "suyuan" looks like.
const SYMBOL = [
  '#.#.#.#.#.#.',
  '######.#.###',
  '#..#####.#..',
  '##.#..#.####',
  '##..#...#.#.',
  '###..#.#.###',
  '#...###...#.',
  '#......##..#',
  '#...##.#.#..',
  '#.########.#',
  '###.##..#.##',
  '############',
]
const [WIDTH, HEIGHT, MODULE, LEFT, TOP] = [1_600, 1_200, 12, 500, 400]

export function practicePhoto(): Promise<Blob | null> {
  const sheet = document.createElement('canvas')
  Object.assign(sheet, { width: WIDTH, height: HEIGHT })
  const pen = sheet.getContext('2d')
  if (!pen) return Promise.resolve(null)
  pen.fillStyle = '#c8c4bc'
  pen.fillRect(0, 0, WIDTH, HEIGHT)
  pen.fillStyle = '#fff'
  const side = (SYMBOL.length + 4) * MODULE
  pen.fillRect(LEFT - 2 * MODULE, TOP - 2 * MODULE, side, side)
  pen.fillStyle = '#000'
  for (const [y, row] of SYMBOL.entries()) {
    for (const [x, mark] of [...row].entries()) {
      if (mark === '#') pen.fillRect(LEFT + x * MODULE, TOP + y * MODULE, MODULE, MODULE)
    }
  }
  return new Promise((resolve) => sheet.toBlob(resolve, 'image/jpeg'))
}

// Wait until nobody needs the page for a moment; Safari can't tell.
export function idle(): Promise<unknown> {
  if (!('requestIdleCallback' in globalThis)) return new Promise((go) => setTimeout(go, 200))
  return new Promise((resolve) => requestIdleCallback(resolve, { timeout: 2_000 }))
}
