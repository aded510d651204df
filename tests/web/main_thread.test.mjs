/* How long the page's main thread is held up. It runs beside no other test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measured, useBrowser } from './browser.mjs';
import { recordTasks } from './tracing.mjs';

const site = useBrowser();

// In processor time, not the clock's, since other programs may be running. They still take cache and
// memory bandwidth away, so the budget of 50 ms, and of 200 with the processor slowed to a quarter, gets half
// as much again.
for (const [rate, most] of [
  [1, 75],
  [4, 300],
]) {
  test(`no task holds up the page from the first visit until all is measured, at 1/${rate} of the speed`, async () => {
    const page = await site.openPage({ query: 'icon.svg', shipped: true });
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
    const stop = await recordTasks(page);
    await page.goto(`${site.url}?panels=bench,words,skills`);
    await measured(page, 2);
    const tasks = await stop();
    assert.ok(tasks.length > 100);
    assert.ok(tasks[0].cpuMs < most, `a task took ${tasks[0].cpuMs.toFixed(0)} ms`);
  });
}
