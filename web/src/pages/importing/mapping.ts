// How a mapping changes under the hands of a person, and where faults stand in a table.

import type { Fault, Mapping, SheetRow } from './types'

export function fieldOf(mapping: Mapping, column: string): string {
  return Object.keys(mapping.columns).find((field) => mapping.columns[field] === column) ?? ''
}

// Let a column hold a field: the field leaves the column it stood in, the column what it held.
export function assign(mapping: Mapping, column: string, field: string): Mapping {
  const columns = Object.fromEntries(
    Object.entries(mapping.columns).filter(([known, held]) => held !== column && known !== field),
  )
  if (field) columns[field] = column
  const group = mapping.group.filter((one) => one in columns || mapping.values[one])
  return { ...mapping, columns, group }
}

export function setValue(mapping: Mapping, field: string, value: string): Mapping {
  const values = { ...mapping.values }
  if (value.trim()) values[field] = value
  else delete values[field]
  return { ...mapping, values }
}

export function toggleGroup(mapping: Mapping, field: string): Mapping {
  const group = mapping.group.includes(field)
    ? mapping.group.filter((one) => one !== field)
    : [...mapping.group, field]
  return { ...mapping, group }
}

export function isGiven(mapping: Mapping, field: string): boolean {
  return field in mapping.columns || !!mapping.values[field]
}

// Faults by row and column; column -1 holds those of the row as a whole.
export function byCell(faults: Iterable<Fault>): Map<number, Map<number, Fault[]>> {
  const found = new Map<number, Map<number, Fault[]>>()
  for (const fault of faults) {
    const row = found.get(fault.row) ?? new Map<number, Fault[]>()
    row.set(fault.column, [...(row.get(fault.column) ?? []), fault])
    found.set(fault.row, row)
  }
  return found
}

export function faultsOf(rows: readonly SheetRow[]): Fault[] {
  return rows.flatMap((one) => one.faults ?? [])
}

// What was copied from a spreadsheet has tabs between its cells; anything with lines may be CSV.
export function isTable(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.trim())
  return lines.length > 1 && lines.every((line) => /[\t,;|]/.test(line))
}
