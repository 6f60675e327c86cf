import { learnTexts } from '../../texts'
import { type Area, pageOf } from '../area'

// A correction is made in the forms that capture has: these pages speak its words, too.
function page<T>(load: () => Promise<T>): () => Promise<T> {
  const both = pageOf('events', load)
  return async () => {
    const [loaded] = await Promise.all([both(), learnTexts('capture')])
    return loaded
  }
}

export const events: Area = {
  routes: [
    {
      path: '/events',
      name: 'events',
      component: page(() => import('./EventsPage.vue')),
      meta: { permission: 'event.read' },
    },
    {
      path: '/event/:id',
      name: 'event',
      component: page(() => import('./EventPage.vue')),
      props: true,
      meta: { permission: 'event.read' },
    },
    {
      path: '/event/:id/correct',
      name: 'correct',
      component: page(() => import('./CorrectPage.vue')),
      props: true,
      meta: { permission: 'event.correct' },
    },
  ],
  doors: [{ route: 'events', title: 'shell.events', icon: 'events', permission: 'event.read' }],
}
