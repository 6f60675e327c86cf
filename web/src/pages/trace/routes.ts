import { type Area, pageOf } from '../area'

export const trace: Area = {
  routes: [
    { path: '/trace', name: 'trace', component: pageOf('trace', () => import('./TracePage.vue')) },
  ],
  doors: [{ route: 'trace', title: 'shell.trace', permission: 'trace.read', icon: 'trace' }],
}
