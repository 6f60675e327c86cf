import { expect, test } from 'vitest'

import { brokenAt, locate } from './locate'

const JSON_TEXT = `{
  "type": "EPCISDocument",
  "epcisBody": {"eventList": [
    {"type": "ObjectEvent", "a/b": [1, {"x": "}"}]},
    {"eventTime": "x", "epcList": ["one", "two"]}
  ]}
}`
const found = (text: string, where: string, code = '') => {
  const place = locate(text, where, code)
  return place ? [place.line, text.slice(place.start, place.end)] : null
}

test('a pointer leads to its value', () => {
  expect(found(JSON_TEXT, '/epcisBody/eventList/1/eventTime')).toEqual([5, '"x"'])
  expect(found(JSON_TEXT, '/epcisBody/eventList/1/epcList/1')).toEqual([5, '"two"'])
  expect(found(JSON_TEXT, '/epcisBody/eventList/0/a~1b/1/x')).toEqual([4, '"}"'])
})

test('a pointer to what is missing leads to the object that lacks it', () => {
  expect(found(JSON_TEXT, '/epcisBody/eventList/1/action')?.[0]).toBe(5)
})

test('an event is found by its number in every kind of document', () => {
  expect(found(JSON_TEXT, 'event 1')?.[0]).toBe(5)
  expect(found('[{"a": 1},\n{"b": 2}]', 'event 1')).toEqual([2, '{"b": 2}'])
  expect(found('{"a": 1}\n{"b": 2}\n', 'event 1')).toEqual([2, '{"b": 2}'])
  expect(found('<d>\n<ObjectEvent>\n</ObjectEvent>\n<e:ObjectEvent/>\n<AggregationEvent>', 'event 1')?.[0]).toBe(5)
})

test('a line of many events, an XPath and a column lead to their lines', () => {
  expect(found('{"a": 1}\n{"b": {"c": 2}}', 'line 2/b/c')).toEqual([2, '2'])
  expect(found('<a>\n<b/>\n</a>', '/a/b[1] (line 2)')).toEqual([2, '<b/>'])
  expect(found('<a>\n<b/>', 'line 2, column 3')).toEqual([2, '/>'])
})

test('what is no JSON is marked where it breaks', () => {
  expect(brokenAt('{"a": [1, 2,]}')).toBe(12)
  expect(brokenAt('{"a" 1}')).toBe(5)
  expect(brokenAt('{"a": "b')).toBe(6)
  expect(brokenAt(JSON_TEXT)).toBeNull()
  expect(brokenAt('{"a": 1}\n{"b": 2}')).toBeNull()
  expect(found('{"a": 1,\n"b": x}', '/b', 'event.json_malformed')).toEqual([2, 'x'])
})
