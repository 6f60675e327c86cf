// Line icons of the shell: a path each, on a grid of 24, drawn with the colour of the text.

export const icons = {
  home: 'M4 11l8-7 8 7M6 9.5V20h4.5v-5h3v5H18V9.5',
  trace: 'M6 6h4c5 0 3 12 8 12M6 18h4c2 0 3-1.5 3.8-3M4 6h2M4 18h2M18 18h2M20 6h-2c-2 0-3 1.5-3.8 3',
  events: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  capture: 'M12 4v10M8 10.500l4 4 4-4M4 17v3h16v-3',
  importing: 'M4 5h16v14H4zM4 10h16M10 10v9',
  gaps: 'M12 4l9 16H3zM12 10v4.500M12 17.200v.1',
  journal: 'M6 4h11a2 2 0 0 1 2 2v14H8a2 2 0 0 1-2-2zM6 17a2 2 0 0 1 2-2h11M10 8h5',
  settings:
    'M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M4.6 9.800l-1.1 1.9 1.5 1.800v1.900l2 1.2 2-.9 1.8 1 .6 2.300h2.200l.6-2.3 1.8-1 2 .9 2-1.200v-1.900l1.5-1.8-1.1-1.9-2.2-.4-.9-1.7.5-2.1-2-1.2-1.7 1.500h-2.200L9 4.4 7 5.600l.5 2.1-.9 1.700z',
  page: 'M7 4h7l4 4v12H7zM14 4v4h4',
  object: 'M12 4l8 4v8l-8 4-8-4V8zM4 8l8 4 8-4M12 12v8',
  phone: 'M8 3h8v18H8zM11 18h2',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15.5 15.500L20 20',
  help: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M9.8 10a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.500M12 16v.1',
  dark: 'M19 14.500A7.5 7.5 0 0 1 9.5 5 7.5 7.5 0 1 0 19 14.500z',
  light: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.600L7 7M17 17l1.4 1.400M18.4 5.600L17 7M7 17l-1.4 1.4',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M5 20c.5-4 3-6 7-6s6.5 2 7 6',
  language: 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M4 12h16M12 4c3 3 3 13 0 16M12 4c-3 3-3 13 0 16',
  leave: 'M10 5H5v14h5M14 8l4 4-4 4M18 12H9',
  menu: 'M4 7h16M4 12h16M4 17h16',
  fold: 'M4 5h16v14H4zM9 5v14M15.5 10l-2 2 2 2',
  unfold: 'M4 5h16v14H4zM9 5v14M13.5 10l2 2-2 2',
} as const

export type Icon = keyof typeof icons
