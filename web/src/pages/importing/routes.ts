import { learnTexts } from '../../texts'
import { type Area, pageOf } from '../area'

// Business steps and dispositions are named as in the list of events.
function page<T>(load: () => Promise<T>): () => Promise<T> {
  const both = pageOf('importing', load)
  return async () => {
    const [loaded] = await Promise.all([both(), learnTexts('events')])
    return loaded
  }
}

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
      component: page(() => import('./ImportPage.vue')),
      props: true,
      meta: { help: ['help.imports'], permission: 'event.capture' },
    },
  ],
  doors: [
    { route: 'imports', title: 'shell.imports', permission: 'event.capture', icon: 'importing' },
  ],
}
