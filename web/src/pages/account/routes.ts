import type { Area } from '../area'

export const account: Area = { routes: [], doors: [] }
