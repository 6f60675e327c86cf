// The words of the standard that are few enough to choose from a list (CBV 2.0).

export const EVENT_TYPES = [
  'ObjectEvent',
  'AggregationEvent',
  'TransformationEvent',
  'AssociationEvent',
  'TransactionEvent',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export const ACTIONS = ['ADD', 'OBSERVE', 'DELETE'] as const
export const REASONS = ['incorrect_data', 'did_not_occur'] as const
export type Reason = (typeof REASONS)[number]

export const TRANSACTION_TYPES = [
  ...['po', 'poc', 'desadv', 'recadv', 'inv', 'bol', 'prodorder', 'rma', 'pedigree', 'cert'],
  ...['testprd', 'testres', 'upevt'],
] as const

export const PARTY_TYPES = ['possessing_party', 'owning_party', 'location'] as const
