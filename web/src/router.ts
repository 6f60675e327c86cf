// The pages and their addresses. Whatever a page shows can be read from its address.

import { createRouter, createWebHistory } from 'vue-router'

import { account } from './pages/account/routes'
import { type Door, pageOf, type Shortcut } from './pages/area'
import { capture } from './pages/capture/routes'
import { events } from './pages/events/routes'
import { importing } from './pages/importing/routes'
import { journal } from './pages/journal/routes'
import { phoneDoor } from './pages/phone_door/routes'
import { trace } from './pages/trace/routes'

const areas = [trace, events, capture, importing, journal, account, phoneDoor]

export const doors: readonly Door[] = [
  { route: 'home', title: 'shell.home', icon: 'home' },
  ...[trace, events].flatMap((area) => area.doors),
  { route: 'gaps', title: 'object.gaps', permission: 'trace.read', icon: 'gaps' },
  ...[capture, importing, journal, account].flatMap((area) => area.doors),
]

// Pages without a door of their own, which the palette knows.
export const shortcuts: readonly Shortcut[] = areas.flatMap((area) => area.shortcuts ?? [])

export const router = createRouter({
  history: createWebHistory('/app'),
  routes: [
    {
      path: '/',
      name: 'home',
      component: pageOf('home', () => import('./pages/HomePage.vue')),
      meta: { help: ['help.home'] },
    },
    {
      path: '/object/:code',
      name: 'object',
      component: pageOf('object', () => import('./pages/ObjectPage.vue')),
      props: true,
      meta: { help: ['help.object', 'help.object_views'], permission: 'trace.read' },
    },
    ...(['on_hold', 'expired', 'refused', 'waiting'] as const).map((matter) => ({
      path: `/attention/${matter}`,
      name: matter,
      component: pageOf('trace', pageOf('home', () => import('./pages/home/MatterPage.vue'))),
      props: { matter },
      meta: {
        help: ['help.attention'],
        permission: matter === 'on_hold' || matter === 'expired' ? 'trace.read' : 'event.capture',
      },
    })),
    {
      path: '/gaps',
      name: 'gaps',
      component: () => import('./pages/GapsPage.vue'),
      meta: { help: ['help.gaps'], permission: 'trace.read' },
    },
    ...areas.flatMap((area) => area.routes),
    { path: '/:rest(.*)', redirect: { name: 'home' } },
  ],
  scrollBehavior: (to, from, saved) => (to.path === from.path ? false : (saved ?? { top: 0 })),
})
