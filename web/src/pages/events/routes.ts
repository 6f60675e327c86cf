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
    { path: '/events', name: 'events', component: page(() => import('./EventsPage.vue')) },
    {
      path: '/event/:id',
      name: 'event',
      component: page(() => import('./EventPage.vue')),
      props: true,
    },
    {
      path: '/event/:id/correct',
      name: 'correct',
      component: page(() => import('./CorrectPage.vue')),
      props: true,
    },
  ],
  doors: [{ route: 'events', title: 'shell.events', icon: 'events', permission: 'event.read' }],
}
