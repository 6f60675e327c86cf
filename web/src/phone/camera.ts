// Whether this phone's camera was on when its user last scanned: then it opens with the page.

const KEY = 'suyuan.camera'

export const wasOn = (): boolean => !!localStorage.getItem(KEY)

export function noteOn(isOn: boolean): void {
  if (isOn) localStorage.setItem(KEY, 'yes')
  else localStorage.removeItem(KEY)
}
