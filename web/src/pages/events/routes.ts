import type { Area } from '../area'

export const events: Area = { routes: [], doors: [] }
