// The service worker of the phone pages: one file, with the list of what to keep for offline use.

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

import { defineConfig } from 'vite'

const OUT = '../src/suyuan/api/static'

interface Part {
  file: string
  css?: string[]
  assets?: string[]
  imports?: string[]
  dynamicImports?: string[]
}

// All that the phone's document leads to: at once, later, and what its code names.
function files(): string[] {
  const parts = JSON.parse(readFileSync(`${OUT}/manifest.json`, 'utf8')) as Record<string, Part>
  const found = new Set<string>()
  const seen = new Set<string>()
  const ahead = ['m.html']
  for (let name = ahead.pop(); name; name = ahead.pop()) {
    const part = parts[name]
    if (!part || seen.has(name)) continue
    seen.add(name)
    for (const file of [part.file, ...(part.css ?? []), ...(part.assets ?? [])]) found.add(file)
    ahead.push(...(part.imports ?? []), ...(part.dynamicImports ?? []))
  }
  // What reads symbols is built by itself, and stands in no manifest.
  for (const name of readdirSync(`${OUT}/assets`)) {
    if (/^(decode\.worker|zxing_reader)-/.test(name)) found.add(`assets/${name}`)
  }
  return [...found].sort()
}

const kept = files()
const document_ = readFileSync(`${OUT}/m.html`, 'utf8')
const version = createHash('sha256').update(JSON.stringify([kept, document_])).digest('hex')

export default defineConfig({
  publicDir: false,
  define: {
    __PRECACHE__: JSON.stringify(['/m', ...kept.map((one) => `/app/${one}`)]),
    __VERSION__: JSON.stringify(version.slice(0, 12)),
  },
  build: {
    outDir: OUT,
    emptyOutDir: false,
    rollupOptions: {
      input: 'src/phone/sw.ts',
      output: { format: 'iife', entryFileNames: 'sw.js', inlineDynamicImports: true },
    },
  },
})
