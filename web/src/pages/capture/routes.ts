import type { Area } from '../area'

export const capture: Area = { routes: [], doors: [] }
