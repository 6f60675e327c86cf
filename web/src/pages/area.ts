// A part of the desk: its pages, the doors to them in the shell, and the words it brings along.

import type { RouteRecordRaw } from 'vue-router'

import { learnTexts } from '../texts'

export interface Door {
  route: string // The name of the page it opens.
  title: string // The key of its text, which stands in the catalogue of the shell.
  permission?: string // Shown to those who may; to all, where none is named.
}

export interface Area {
  routes: RouteRecordRaw[]
  doors: Door[]
}

// Load a page together with the words of its area, so that the shell carries neither.
export function pageOf<T>(area: string, load: () => Promise<T>): () => Promise<T> {
  return async () => {
    const [page] = await Promise.all([load(), learnTexts(area)])
    return page
  }
}
