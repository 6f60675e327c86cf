// What the routes about people, keys and the trail answer.

export interface Names {
  en: string
  zh: string
}
export interface Grant {
  role: string
  expires: string | null
}
export interface User {
  user: string
  name: string
  full_name: string
  language: 'en' | 'zh'
  roles: Grant[]
  has_password: boolean
  has_entered: boolean
  has_totp: boolean
  created: string
  disabled: string | null
}
export interface OneTimeLink {
  link: string
  expires: string
}
export interface Role {
  role: string
  names: Names
  permissions: string[]
  is_time_limited: boolean
  is_own: boolean
}
export interface Permission {
  permission: string
  names: Names
}
export interface Roles {
  roles: Role[]
  permissions: Permission[]
}
export interface ApiKey {
  api_key: string
  name: string
  permissions: string[] | null
  created: string | null
  expires: string | null
  revoked: string | null
}
export interface Profile {
  name: string
  full_name: string
  language: 'en' | 'zh'
  has_password: boolean
  has_totp: boolean
  recovery_codes: number
  roles: { role: string; names: Names | null; expires: string | null }[]
}
export interface OpenSession {
  session: string
  is_present: boolean
  created: string
  last_seen: string
  address: string
  browser: string
}
export type Facts = Record<string, unknown> | null
export interface AuditEntry {
  entry_id: number
  record_time: string
  actor: string
  actor_name: string
  address: string
  action: string
  subject: string
  why: string
  before: Facts
  after: Facts
}
