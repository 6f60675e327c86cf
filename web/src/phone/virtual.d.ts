declare module 'virtual:phone-words' {
  const catalogues: Record<'en' | 'zh', import('./words').Words>
  export default catalogues
}
