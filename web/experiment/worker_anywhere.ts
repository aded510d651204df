/** Workers whose script lies on another origin than the page: a browser starts none of those, but it does
 * start a line of the page's own that imports it. That page's policy must let it: `blob:` and the script's
 * origin in `worker-src`, that origin in `script-src` and `connect-src`. */

/** By the address of what they import; a page has few of them. */
const shims = new Map<string, string>();

function shimFor(script: string): string {
  let shim = shims.get(script);
  if (!shim) {
    const source = new Blob([`import ${JSON.stringify(script)};`], { type: 'text/javascript' });
    shims.set(script, (shim = URL.createObjectURL(source)));
  }
  return shim;
}

/** A worker as the browser's own. The name is what the bundler looks for. No class made of the browser's: what
 * imports this is also loaded in Node, which has no workers of this kind. */
export const Worker = function start(script: URL, options: WorkerOptions): globalThis.Worker {
  const isOwn = script.origin === globalThis.origin;
  return new globalThis.Worker(isOwn ? script : shimFor(script.href), options);
} as unknown as new (
  script: URL,
  options: WorkerOptions,
) => globalThis.Worker;
