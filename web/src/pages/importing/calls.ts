// The questions and orders of the import pages.

import { ask, client } from '../../api/client'
import type { Fields, Mapping, Preview, Reading, SavedMapping, SheetRow, Upload } from './types'

const path = (id: string) => ({ params: { path: { upload_id: id } } })

// UTC tells nothing: browsers say it where they do not know. Then the server looks at the table.
export function zone(): string {
  const said = Intl.DateTimeFormat().resolvedOptions().timeZone
  return !said || /^(Etc\/.*|UTC)$/.test(said) ? '' : said
}

export function giveUploads(): Promise<{ imports: Upload[] }> {
  return ask(client.GET('/api/imports'))
}

export function giveUpload(id: string): Promise<Upload> {
  return ask(client.GET('/api/imports/{upload_id}', path(id)))
}

export function upload(data: Blob, fileName: string, mapping = ''): Promise<Upload> {
  const query = {
    file_name: fileName,
    ...(zone() && { time_zone: zone() }),
    ...(mapping && { mapping }),
  }
  return ask(
    client.POST('/api/imports', {
      params: { query },
      headers: { 'Content-Type': 'application/octet-stream' },
      body: data as unknown as string,
      bodySerializer: (body) => body as unknown as Blob,
    }),
  )
}

export interface Change {
  reading?: Reading
  mapping?: Mapping
  template?: string
}

export function change(id: string, body: Change): Promise<Upload> {
  return ask(client.PATCH('/api/imports/{upload_id}', { ...path(id), body: body as never }))
}

export function remove(id: string): Promise<unknown> {
  return ask(client.DELETE('/api/imports/{upload_id}', path(id)))
}

export function preview(id: string, rows: number): Promise<Preview> {
  return ask(client.POST('/api/imports/{upload_id}/preview', { ...path(id), body: { rows } }))
}

export function edit(id: string, row: number, column: number, text: string): Promise<unknown> {
  const body = { edits: [{ row, column, text }] }
  return ask(client.PUT('/api/imports/{upload_id}/cells', { ...path(id), body }))
}

export function start(id: string, kind: 'check' | 'run'): Promise<Upload> {
  return ask(
    kind === 'check'
      ? client.POST('/api/imports/{upload_id}/check', { ...path(id), body: {} })
      : client.POST('/api/imports/{upload_id}/run', { ...path(id), body: {} }),
  )
}

export function stop(id: string): Promise<unknown> {
  return ask(client.POST('/api/imports/{upload_id}/stop', path(id)))
}

export function faults(id: string, limit: number): Promise<{ rows: SheetRow[]; total: number }> {
  const params = { path: { upload_id: id }, query: { limit } }
  return ask(client.GET('/api/imports/{upload_id}/faults', { params }))
}

export function giveFields(): Promise<Fields> {
  return ask(client.GET('/api/import_fields'))
}

export function giveMappings(): Promise<{ mappings: SavedMapping[] }> {
  return ask(client.GET('/api/import_mappings'))
}

export function saveMapping(name: string, mapping: Mapping): Promise<SavedMapping> {
  const params = { path: { name } }
  const body = { mapping: mapping as never }
  return ask(client.PUT('/api/import_mappings/{name}', { params, body }))
}

export function forgetMapping(name: string): Promise<unknown> {
  return ask(client.DELETE('/api/import_mappings/{name}', { params: { path: { name } } }))
}
