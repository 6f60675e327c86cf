import { type Area, pageOf } from '../area'

export const importing: Area = {
  routes: [
    {
      path: '/import',
      name: 'imports',
      component: pageOf('importing', () => import('./ImportsPage.vue')),
      meta: { help: ['help.imports'], permission: 'event.capture' },
    },
    {
      path: '/import/:id',
      name: 'import',
      component: pageOf('importing', () => import('./ImportPage.vue')),
      props: true,
      meta: { help: ['help.imports'], permission: 'event.capture' },
    },
  ],
  doors: [
    { route: 'imports', title: 'shell.imports', permission: 'event.capture', icon: 'importing' },
  ],
}
