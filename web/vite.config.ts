/** How the page is bundled, and the policy that it is served under. */
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';
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

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [contentSecurityPolicy],
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        page: path.join(import.meta.dirname, 'index.html'),
        elements: path.join(import.meta.dirname, 'elements/index.ts'),
      },
      output: {
        // Other pages name this one.
        entryFileNames: ({ name }) =>
          name === 'elements' ? 'assets/elements.js' : 'assets/[name]-[hash].js',
      },
    },
    // Of what is bundled; wasm/make.mjs adds what the module holds.
    license: { fileName: 'licenses.md' },
  },
  worker: { format: 'es' },
});
