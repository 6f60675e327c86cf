import { type Area, pageOf } from '../area'

export const trace: Area = {
  routes: [
    {
      path: '/trace',
      name: 'trace',
      component: pageOf('trace', () => import('./TracePage.vue')),
      meta: { help: ['help.trace', 'help.recall'], permission: 'trace.read' },
    },
  ],
  shortcuts: [
    {
      route: 'trace',
      query: { view: 'recall' },
      title: 'shell.recall',
      permission: 'trace.read',
      icon: 'trace',
    },
  ],
  doors: [{ route: 'trace', title: 'shell.trace', permission: 'trace.read', icon: 'trace' }],
}
