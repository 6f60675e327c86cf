import { describe, expect, it } from 'vitest'

import { begin, WHATS, whatOf } from './kinds'
import { needsOf } from './needs'

const row = (uri: string) => ({ uri, isClass: false, quantity: '', uom: '' })
const PLACE = 'https://id.gs1.org/414/9521001000109'

describe('what a story needs', () => {
  it('is asked for by every form, the place among it', () => {
    for (const kind of WHATS) {
      const { must, should } = needsOf(begin(kind), kind)
      expect(must.length, kind.id).toBeGreaterThan(0)
      expect(should, kind.id).toContain('place')
    }
  })
  it('is from whom goods came, and to whom they go', () => {
    const receive = whatOf('receive')!
    const draft = { ...begin(receive), things: [row('a')] }
    expect(needsOf(draft, receive)).toEqual({ must: [], should: ['place', 'source'] })
    const ship = whatOf('ship')!
    const sent = { ...begin(ship), things: [row('a')], location: PLACE }
    expect(needsOf(sent, ship)).toEqual({ must: [], should: ['destination'] })
    sent.destinations[0]!.id = PLACE
    expect(needsOf(sent, ship)).toEqual({ must: [], should: [] })
  })
  it('is a container, and what goes in; all of it may come out', () => {
    const pack = whatOf('pack')!
    expect(needsOf({ ...begin(pack), location: PLACE }, pack).must).toEqual(['parent', 'things'])
    const unpack = whatOf('unpack')!
    const draft = { ...begin(unpack), location: PLACE, parent: [row('c')] }
    expect(needsOf(draft, unpack)).toEqual({ must: [], should: [] })
  })
  it('is what went in and what came out, a document, a value', () => {
    const make = whatOf('make')!
    const made = { ...begin(make), location: PLACE, outputs: [row('b')] }
    expect(needsOf(made, make)).toEqual({ must: [], should: ['inputs'] })
    const link = whatOf('link')!
    expect(needsOf({ ...begin(link), things: [row('a')] }, link).must).toEqual(['transaction'])
    const measure = whatOf('measure')!
    expect(needsOf({ ...begin(measure), things: [row('a')] }, measure).must).toEqual(['reading'])
  })
})
