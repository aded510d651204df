/** How the pages and the script for other pages are bundled, and the policy that they are served under. */
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';
import { cardsIn } from './cards.mjs';
import { POLICY } from './policy.mjs';

/** The development server needs more than the built page may do, so this is for builds only. */

const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY },
      injectTo: 'head-prepend',
    },
  ],
};

const here = (...names: string[]) => path.join(import.meta.dirname, ...names);
const MODELS = here('..', 'examples', 'tinyworld', 'models');

/** See embed/cards.d.ts. */
const modelCards: Plugin = {
  name: 'model-cards',
  resolveId: (id) => (id === 'virtual:cards' ? '\0virtual:cards' : null),
  load: (id) => {
    if (id !== '\0virtual:cards') return null;
    const cards = JSON.stringify(cardsIn(MODELS));
    return `export const cards = ${cards};\nexport const firstModel = Object.keys(cards)[0];`;
  },
};

/** The one path that other pages name. Everything else is found through it, by the hash of its content. */
const SCRIPT = 'v1/bitloss';
/** What the lessons' pages run, which are no part of the bundle: examples/lessons/render.mjs writes them. */
const LESSON = 'lessons/lesson';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [contentSecurityPolicy, modelCards],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // How long parts of the build took says nothing of the build.
      checks: { pluginTimings: false },
      input: {
        page: here('index.html'),
        frame: here('embed', 'index.html'),
        builder: here('embed', 'builder.html'),
        [SCRIPT]: here('embed', 'v1.ts'),
        [LESSON]: here('..', 'examples', 'lessons', 'lesson.ts'),
      },
      output: {
        entryFileNames: ({ name }) =>
          name === SCRIPT || name === LESSON ? `${name}.js` : 'assets/[name]-[hash].js',
      },
    },
    // Of what is bundled; wasm/make.mjs adds what the module holds.
    license: { fileName: 'licenses.md' },
  },
  worker: { format: 'es' },
});
