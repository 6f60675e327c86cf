import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

import { phoneWords } from './phone-words'

// Everything is a file of its own: the content security policy lets nothing inline in.
export default defineConfig({
  base: '/app/',
  plugins: [vue(), phoneWords()],
  worker: { format: 'es' },
  define: {
    __VUE_OPTIONS_API__: true, // Some parts of Element Plus are written with it.
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: '../src/suyuan/api/static',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    manifest: 'manifest.json',
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    rollupOptions: { input: ['index.html', 'm.html'] }, // The desk and the phone.
  },
})
