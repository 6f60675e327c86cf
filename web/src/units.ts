// How units of measure are written: records hold the codes of UN/ECE Recommendation 20.

const WRITTEN: Record<string, string> = {
  KGM: 'kg',
  GRM: 'g',
  TNE: 't',
  LBR: 'lb',
  LTR: 'L',
  MLT: 'mL',
  HLT: 'hL',
  MTR: 'm',
  MTK: 'm²',
  MTQ: 'm³',
}

// Pieces go without a word; a code that nobody here knows is shown as it is.
export function unitOf(code: string | undefined): string {
  return !code || code === 'C62' ? '' : (WRITTEN[code] ?? code)
}
