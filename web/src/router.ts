// The pages and their addresses. Whatever a page shows can be read from its address.

import { createRouter, createWebHistory } from 'vue-router'

import HomePage from './pages/HomePage.vue'

export const router = createRouter({
  history: createWebHistory('/app'),
  routes: [
    { path: '/', name: 'home', component: HomePage },
    {
      path: '/object/:code',
      name: 'object',
      component: () => import('./pages/ObjectPage.vue'),
      props: true,
    },
    { path: '/trace', name: 'trace', component: () => import('./pages/TracePage.vue') },
    { path: '/gaps', name: 'gaps', component: () => import('./pages/GapsPage.vue') },
    { path: '/:rest(.*)', redirect: { name: 'home' } },
  ],
  scrollBehavior: (to, from, saved) => (to.path === from.path ? false : (saved ?? { top: 0 })),
})
