// What the key beside the space bar is called on this device.
export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent)
