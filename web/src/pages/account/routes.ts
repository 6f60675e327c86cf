import { type Area, pageOf } from '../area'

export const account: Area = {
  routes: [
    {
      path: '/settings',
      name: 'settings',
      component: pageOf('account', () => import('./SettingsPage.vue')),
      redirect: { name: 'profile' },
      children: [
        {
          path: 'profile',
          name: 'profile',
          component: pageOf('account', () => import('./ProfilePage.vue')),
          meta: { help: ['profile.help'] },
        },
        {
          path: 'plant',
          name: 'plant',
          component: pageOf('account', () => import('./PlantPage.vue')),
          meta: { help: ['plant.help'], permission: 'trace.read' },
        },
        {
          path: 'users',
          name: 'users',
          component: pageOf('account', () => import('./UsersPage.vue')),
          meta: { help: ['users.help'], permission: 'account.manage' },
        },
        {
          path: 'roles',
          name: 'roles',
          component: pageOf('account', () => import('./RolesPage.vue')),
          meta: { help: ['roles.help'], permission: 'account.manage' },
        },
        {
          path: 'api-keys',
          name: 'api_keys',
          component: pageOf('account', () => import('./KeysPage.vue')),
          meta: { help: ['keys.help'], permission: 'account.manage' },
        },
        {
          path: 'audit',
          name: 'audit',
          component: pageOf('account', () => import('./AuditPage.vue')),
          meta: { help: ['audit.help'], permission: 'audit.read' },
        },
        {
          path: 'about',
          name: 'about',
          component: pageOf('account', () => import('./AboutPage.vue')),
        },
      ],
    },
  ],
  doors: [{ route: 'settings', title: 'shell.settings', icon: 'settings' }],
  shortcuts: [
    { route: 'profile', title: 'shell.profile', icon: 'person' },
    { route: 'plant', title: 'shell.plant', icon: 'settings', permission: 'trace.read' },
    { route: 'users', title: 'shell.users', icon: 'person', permission: 'account.manage' },
    { route: 'roles', title: 'shell.roles', icon: 'settings', permission: 'account.manage' },
    { route: 'api_keys', title: 'shell.api_keys', icon: 'settings', permission: 'account.manage' },
    { route: 'audit', title: 'shell.audit', icon: 'events', permission: 'audit.read' },
    { route: 'about', title: 'shell.about', icon: 'help' },
  ],
}
