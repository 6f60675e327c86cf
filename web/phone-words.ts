// The words of the phone: its own, and of the desk's those parts that both speak.
//
// The desk's way with words knows plurals and much else, and its catalogues all pages: together
// they weigh as much as half the phone. So the phone gets just what it says, as a plain object.

import type { Plugin } from 'vite'

import en from './src/texts/en.json'
import phoneEn from './src/texts/phone/en.json'
import phoneZh from './src/texts/phone/zh.json'
import zh from './src/texts/zh.json'

const NAME = 'virtual:phone-words'

function shared(all: typeof en) {
  const { disposition, germ, kind, measured, measureName, object, step, story } = all
  return { disposition, germ, kind, measured, measureName, object, step, story }
}

export function phoneWords(): Plugin {
  const words = { en: { ...shared(en), ...phoneEn }, zh: { ...shared(zh), ...phoneZh } }
  return {
    name: 'phone-words',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(words)}` : null),
  }
}
