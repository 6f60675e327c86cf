// For what comes in bursts: do something at once, and then no more often than one can bear.

// What is asked for while it rests is done once when the rest is over.
export function sparingly(call: () => void, rest_ms: number): () => void {
  let isResting = false
  let isWanted = false
  function run(): void {
    if (isResting) {
      isWanted = true
      return
    }
    isResting = true
    isWanted = false
    setTimeout(() => {
      isResting = false
      if (isWanted) run()
    }, rest_ms)
    call()
  }
  return run
}
