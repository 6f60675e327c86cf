import { expect, test } from 'vitest'

import { claimScans, offerScan } from './scanTarget'

test('a scan that nobody claims is left to the shell', () => {
  expect(offerScan('A')).toBe(false)
})

test('the youngest claim takes a scan, and one that has ended takes none', () => {
  const heard: string[] = []
  const endFirst = claimScans((code) => void heard.push(`first ${code}`))
  const endSecond = claimScans((code) => void heard.push(`second ${code}`))
  expect(offerScan('A')).toBe(true)
  endSecond()
  offerScan('B')
  endFirst()
  expect(offerScan('C')).toBe(false)
  expect(heard).toEqual(['second A', 'first B'])
})

test('a claim that does not want a scan leaves it to the one before', () => {
  const heard: string[] = []
  const endFirst = claimScans((code) => void heard.push(code))
  const endSecond = claimScans(() => false)
  expect(offerScan('A')).toBe(true)
  endSecond()
  endFirst()
  expect(heard).toEqual(['A'])
})
