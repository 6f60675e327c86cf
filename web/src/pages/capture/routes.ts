import { learnTexts } from '../../texts'
import { type Area, pageOf } from '../area'

// Filters and forms share their words with the list of events.
function page<T>(load: () => Promise<T>): () => Promise<T> {
  const both = pageOf('capture', load)
  return async () => {
    const [loaded] = await Promise.all([both(), learnTexts('events')])
    return loaded
  }
}

export const capture: Area = {
  routes: [
    {
      path: '/capture',
      name: 'capture',
      component: page(() => import('./CapturePage.vue')),
      meta: { permission: 'event.capture' },
    },
    {
      path: '/capture/record',
      name: 'record',
      component: page(() => import('./RecordPage.vue')),
      meta: { permission: 'event.capture' },
    },
  ],
  doors: [{ route: 'capture', title: 'shell.capture', icon: 'capture', permission: 'event.capture' }],
}
