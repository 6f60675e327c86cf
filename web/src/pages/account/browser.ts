// What a browser calls itself, in words that its owner knows: `Chrome, Windows`.

const BROWSERS: [RegExp, string][] = [
  [/MicroMessenger/, 'WeChat'],
  [/Edg(?:e|A|iOS)?\//, 'Edge'],
  [/OPR\/|Opera/, 'Opera'],
  [/Firefox\/|FxiOS/, 'Firefox'],
  [/Chrome\/|CriOS/, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/iPhone|iPad|iPod/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

function first(table: [RegExp, string][], said: string): string | undefined {
  return table.find(([pattern]) => pattern.test(said))?.[1]
}

export function browserName(said: string): string {
  const known = [first(BROWSERS, said), first(SYSTEMS, said)].filter(Boolean).join(', ')
  return known || said.slice(0, 60)
}
