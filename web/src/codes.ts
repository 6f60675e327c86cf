// Codes as people read them. The server parses; this only shows canonical URIs.

const ROOT = 'https://id.gs1.org/'

export type Kind =
  | 'lot'
  | 'serial'
  | 'product'
  | 'container'
  | 'place'
  | 'party'
  | 'asset'
  | 'shipment'
  | 'other'

function elements(uri: string): [string, string][] {
  if (!uri.startsWith(ROOT)) return []
  const parts = uri.slice(ROOT.length).split('/')
  const found: [string, string][] = []
  for (let at = 0; at + 1 < parts.length; at += 2) {
    found.push([parts[at] ?? '', decode(parts[at + 1] ?? '')])
  }
  return found
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

// `(01)09521001000222(10)261118A1`, as it is printed below a symbol; other URIs as they are.
export function bracketed(uri: string): string {
  const found = elements(uri)
  return found.length ? found.map(([ai, value]) => `(${ai})${value}`).join('') : uri
}

// The part that tells one from its like: the serial number, the lot number, the SSCC.
export function shortCode(uri: string): string {
  const found = elements(uri)
  const last = found.at(-1)
  return last ? last[1] : (uri.split(/[/:#]/).at(-1) ?? uri)
}

export function kindOf(uri: string): Kind {
  const keys = elements(uri).map(([ai]) => ai)
  if (keys.includes('21')) return 'serial'
  if (keys.includes('10')) return 'lot'
  switch (keys[0]) {
    case '01':
      return 'product'
    case '00':
      return 'container'
    case '414':
      return 'place'
    case '417':
      return 'party'
    case '8003':
    case '8004':
      return 'asset'
    case '401':
    case '402':
      return 'shipment'
    default:
      return 'other'
  }
}

// The product that a code belongs to, as far as the code itself tells; else the code.
export function productOf(uri: string): string {
  return /^https:\/\/id\.gs1\.org\/01\/\d+/.exec(uri)?.[0] ?? uri
}

// The last word of a vocabulary's URI: `https://ref.gs1.org/cbv/BizStep-shipping` → shipping.
export function word(uri: string): string {
  return (uri.split(/[/:#]/).at(-1) ?? uri).replace(/^(BizStep|Disp|SDT|BTT)-/, '')
}
