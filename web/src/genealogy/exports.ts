// Whole answers to take away, in the formats that the server writes.

import { asQuery } from '../api/client'
import type { Direction } from '../api/answers'

export const FORMATS = ['xlsx', 'csv', 'json', 'ndjson', 'graphml', 'epcis'] as const
export type Format = (typeof FORMATS)[number]

export function exportAddress(
  direction: Direction,
  format: Format,
  query: Record<string, unknown>,
): string {
  const path = direction === 'back' ? 'trace_back' : 'track_forward'
  return `/api/${path}?${asQuery({ ...query, format, details: format === 'json' ? '' : true })}`
}
