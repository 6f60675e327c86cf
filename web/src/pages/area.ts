// A part of the desk: its pages, the doors to them in the shell, and the words it brings along.

import type { RouteRecordRaw } from 'vue-router'

import type { Icon } from '../icons'
import { learnTexts } from '../texts'

export interface Door {
  route: string // The name of the page it opens.
  title: string // The key of its text, which stands in the catalogue of the shell.
  permission?: string // Shown to those who may; to all, where none is named.
  icon?: Icon // What stands for it when the navigation is folded.
}

// Something that the palette offers besides the doors: a page, or a page in a certain state.
export interface Shortcut extends Door {
  query?: Record<string, string>
}

export interface Area {
  routes: RouteRecordRaw[]
  doors: Door[]
  shortcuts?: Shortcut[]
}

declare module 'vue-router' {
  interface RouteMeta {
    // Keys of sentences about a page, for the help that the key `?` opens.
    help?: string[]
    // What a page takes; who has not got it is told so in its place.
    permission?: string
  }
}

// Load a page together with the words of its area, so that the shell carries neither.
export function pageOf<T>(area: string, load: () => Promise<T>): () => Promise<T> {
  return async () => {
    const [page] = await Promise.all([load(), learnTexts(area)])
    return page
  }
}
