// Behind which edges of the window the picture goes on.

export type Side = 'left' | 'right' | 'top' | 'bottom'

export const STEPS: Record<Side, { x: number; y: number }> = {
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
  top: { x: 0, y: -1 },
  bottom: { x: 0, y: 1 },
}
const LITTLE = 12 // Pixels that nobody misses.

export function sidesBeyond(
  view: { x: number; y: number; scale: number },
  room: { width: number; height: number },
  layout: { width: number; height: number },
): Side[] {
  const beyond: Record<Side, number> = {
    left: -view.x,
    right: view.x + layout.width * view.scale - room.width,
    top: -view.y,
    bottom: view.y + layout.height * view.scale - room.height,
  }
  return (Object.keys(beyond) as Side[]).filter((side) => beyond[side] > LITTLE)
}
