// Who takes a scan. The shell opens the page of what was scanned, unless a page claims scans:
// a form that gathers codes says so while it is shown, and takes them wherever the focus is.
// The youngest claim has the say; one that answers false leaves the scan to those before it.

export type Taker = (code: string) => boolean | void

const takers: Taker[] = []

// Claim scans from now on; gives what ends the claim.
export function claimScans(take: Taker): () => void {
  takers.push(take)
  return () => {
    const at = takers.indexOf(take)
    if (at >= 0) takers.splice(at, 1)
  }
}

// Offer a scan to whoever claims scans; false when nobody took it.
export function offerScan(code: string): boolean {
  return takers.toReversed().some((take) => take(code) !== false)
}
