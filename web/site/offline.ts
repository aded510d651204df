/** Has the site kept for visits without a connection (service_worker.js). Not in a page that was opened as a
 * file, and not in another site's: what that site's readers keep is not for this one to say. */

function isInAnotherSite(): boolean {
  try {
    return window.top!.location.origin !== location.origin;
  } catch {
    return true;
  }
}

/** `site` is the folder of the site. */
export function keepOffline(site: string): void {
  // Not there where a page is no secure one.
  const { serviceWorker } = navigator;
  if (!serviceWorker || !location.protocol.startsWith('http') || isInAnotherSite()) return;
  const start = () => void register(serviceWorker, site).catch(() => {});
  // Not before the page itself has what it needs.
  if (document.readyState === 'complete') start();
  else addEventListener('load', start);
}

async function register(serviceWorker: ServiceWorkerContainer, site: string): Promise<void> {
  const worker = new URL('service_worker.js', site).href;
  await serviceWorker.register(worker, { scope: site, updateViaCache: 'none' });
  // A page that is controlled had everything from the worker.
  if (serviceWorker.controller) return;
  const { active } = await serviceWorker.ready;
  new PerformanceObserver((list) => {
    const addresses = list.getEntries().map(({ name }) => name);
    active?.postMessage({ type: 'bitloss-keep', addresses });
  }).observe({ type: 'resource', buffered: true });
}
