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
  return leave({ disposition, germ, kind, measured, measureName, object, step, story })
}

// What only the desk says of a thing and of its story.
const DESK = {
  object: ['as_of', 'as_of_now', 'as_of_hint', 'views', 'unknown_do', 'in_it_hint', 'date_of_lot', 'on_hold', 'genealogy', 'contents', 'gaps', 'hold_for'],
  story: ['count', 'newest', 'oldest', 'technical', 'event', 'event_id', 'recorded', 'late', 'hours', 'days', 'empty_do'],
}
function leave<T extends { object: object; story: object }>(words: T) {
  const without = (said: object, keys: string[]) =>
    Object.fromEntries(Object.entries(said).filter(([key]) => !keys.includes(key)))
  return {
    ...words,
    object: without(words.object, DESK.object),
    story: without(words.story, DESK.story),
  }
}

export function phoneWords(): Plugin {
  const words = { en: { ...shared(en), ...phoneEn }, zh: { ...shared(zh), ...phoneZh } }
  return {
    name: 'phone-words',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load: (id) => (id === `\0${NAME}` ? `export default ${JSON.stringify(words)}` : null),
  }
}
