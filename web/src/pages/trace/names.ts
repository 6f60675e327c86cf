// Names that come along with an answer, in the language of the page.

import { shortCode } from '../../codes'
import { language } from '../../texts'

export function nameIn(
  one: { name?: string | undefined; name_zh?: string | undefined },
  uri: string | null | undefined,
): string {
  const name = language.value === 'zh' ? (one.name_zh ?? one.name) : (one.name ?? one.name_zh)
  return name ?? (uri ? shortCode(uri) : '')
}
