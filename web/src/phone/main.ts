import './phone.css'

import { createApp } from 'vue'

import { speakIn } from '../api/client'
import { choose, hasChosen, language } from '../texts/language'
import { store } from './db'
import PhoneShell from './PhoneShell.vue'
import { router } from './router'
import { watchWorker } from './worker'
import { link, me, openSession, signInAddress, type Me } from './who'

async function start(): Promise<void> {
  // What reads symbols is a program of its own: it is got ready before the first one comes.
  void import('./decode').then(({ warmUp }) => warmUp())
  choose(language.value, false)
  me.value = await store.recall<Me>('who')
  const opening = openSession()
  // Whoever was here before can begin at once; a stranger has to sign in first.
  if (!me.value) await opening
  if (!me.value && link.value === 'signed_out') {
    location.replace(signInAddress())
    return
  }
  const wanted = me.value?.language
  if ((wanted === 'zh' || wanted === 'en') && !hasChosen()) choose(wanted, false)
  speakIn(language.value)
  createApp(PhoneShell).use(router).mount('#app')
  watchWorker()
}

void start()
