// Dark or light: as the device has it, until somebody chooses.

import { readonly, ref } from 'vue'

const REMEMBERED = 'suyuan.dark'
const wanted = localStorage.getItem(REMEMBERED)
const dark = ref(wanted ? wanted === 'yes' : matchMedia('(prefers-color-scheme: dark)').matches)
export const isDark = readonly(dark)

export function showDark(): void {
  document.documentElement.classList.toggle('dark', dark.value)
}

export function switchDark(): void {
  dark.value = !dark.value
  localStorage.setItem(REMEMBERED, dark.value ? 'yes' : 'no')
  showDark()
}
