import type { Area } from '../area'

export const importing: Area = { routes: [], doors: [] }
