import './style.css'
import './shell/shell.css'

import { createApp } from 'vue'

import App from './App.vue'
import { speakIn } from './api/client'
import { router } from './router'
import { openSession, session } from './session'
import { choose, hasChosen, language, texts } from './texts'

async function start(): Promise<void> {
  choose(language.value, false)
  speakIn(language.value)
  if (!(await openSession())) return
  const wanted = session.value?.language
  if ((wanted === 'zh' || wanted === 'en') && !hasChosen()) choose(wanted, false)
  speakIn(language.value)
  createApp(App).use(texts).use(router).mount('#app')
}

void start()
