import { type Area, pageOf } from '../area'

export const phoneDoor: Area = {
  routes: [
    {
      path: '/phone',
      name: 'phone',
      component: pageOf('phone_door', () => import('./PhoneDoor.vue')),
    },
  ],
  doors: [],
}
