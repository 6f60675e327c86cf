import { type Area, pageOf } from '../area'

export const journal: Area = {
  routes: [
    {
      path: '/journal',
      name: 'journal',
      component: pageOf('journal', pageOf('account', () => import('./JournalPage.vue'))),
      meta: { help: ['journal.help', 'journal.help_proof'], permission: 'event.read' },
    },
  ],
  doors: [
    { route: 'journal', title: 'shell.journal', permission: 'event.read', icon: 'journal' },
  ],
}
