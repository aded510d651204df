/* What the main thread of a page did, from the browser's own trace. */

/** Begins to record; the function that is returned ends it, and resolves to the tasks of the page's main
 * thread, longest first: { ms, cpuMs }, by the clock and in processor time. */
export async function recordTasks(page) {
  const session = await page.context().browser().newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['toplevel', 'blink.user_timing'] },
  });
  return async () => {
    await page.evaluate(() => performance.mark('this-page'));
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
    await session.send('Tracing.end');
    await complete;
    // The browser has pages of its own; this one's main thread is where the mark was made.
    const { pid, tid } = events.find(({ name }) => name === 'this-page');
    return events
      .filter((event) => event.pid === pid && event.tid === tid && event.name.endsWith('RunTask'))
      .map(({ dur = 0, tdur = 0 }) => ({ ms: dur / 1000, cpuMs: tdur / 1000 }))
      .sort((a, b) => b.cpuMs - a.cpuMs);
  };
}
