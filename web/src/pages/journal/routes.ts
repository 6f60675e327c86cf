import type { Area } from '../area'

export const journal: Area = { routes: [], doors: [] }
