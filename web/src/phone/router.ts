import { createRouter, createWebHistory } from 'vue-router'

import ScanPage from './pages/ScanPage.vue'

export const router = createRouter({
  history: createWebHistory('/m'),
  routes: [
    { path: '/', name: 'scan', component: ScanPage },
    {
      path: '/object/:code',
      name: 'object',
      component: () => import('./pages/ObjectPage.vue'),
      props: true,
    },
    { path: '/observe', name: 'observe', component: () => import('./pages/ObservePage.vue') },
    { path: '/tasks', name: 'tasks', component: () => import('./pages/TasksPage.vue') },
    { path: '/outbox', name: 'outbox', component: () => import('./pages/OutboxPage.vue') },
    { path: '/me', name: 'me', component: () => import('./pages/MePage.vue') },
    { path: '/:rest(.*)', redirect: { name: 'scan' } },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})
