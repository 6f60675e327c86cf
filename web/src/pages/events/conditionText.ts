// A condition as people read it: what, how it compares, with what.

import { bracketed } from '../../codes'
import { knownName, wantNames } from '../../names'
import { dayAndClock, t } from '../../texts'
import { unitOf } from '../../units'
import { actionName, dispositionName, partyName, reasonName, stepName, transactionName, typeName } from './choices'
import type { Condition, Kind } from './conditions'

function valueText(kind: Kind, value: string): string {
  switch (kind) {
    case 'time':
      return Number.isNaN(Date.parse(value)) ? value : dayAndClock(value)
    case 'step':
      return stepName(value)
    case 'disposition':
      return dispositionName(value)
    case 'type':
      return typeName(value)
    case 'action':
      return actionName(value)
    case 'reason':
      return reasonName(value)
    case 'truth':
      return t(`events.${value === 'true' ? 'true' : 'false'}`)
    case 'place':
    case 'code':
      wantNames([value])
      return knownName(value) ?? bracketed(value)
    default:
      return value
  }
}

function extraText(condition: Condition): string {
  const { type, field, uom } = condition.extra
  const said = condition.field?.id === 'bizTransaction' ? transactionName : partyName
  const parts = [type ? (condition.field?.group === 'parties' ? said(type) : type) : '', field, uom && unitOf(uom)]
  const text = parts.filter(Boolean).join(' ')
  return text ? ` (${text})` : ''
}

export function conditionText(condition: Condition): string {
  const { field, name, operator, values } = condition
  if (!field) return `${name} = ${values.join(' | ')}`
  const what = t(`events.field.${field.id}`) + extraText(condition)
  if (operator === 'EXISTS') return what
  const how = t(`events.${field.kind === 'time' ? 'time_' : ''}operator.${operator}`)
  return `${what} ${how} ${values.map((one) => valueText(field.kind, one)).join(` ${t('events.or')} `)}`
}
