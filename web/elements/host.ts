/** What the browser gives to an experiment, in whatever page it is. */
import type { Engines, Host } from '../experiment/host.ts';
import { LaneWorker } from '../experiment/lane_worker.ts';
import type { AppState } from '../experiment/state.ts';
import { openSink } from './save.ts';

const engines: Engines = {
  laneWorker: () => new LaneWorker(),
  measureWorker: async () => (await import('../experiment/measure/worker.ts')).startMeasureWorker(),
};

/** `base` is the folder that holds models/, texts/ and tests/. */
export function browserHost(base: string, settingsChanged: (state: AppState) => void): Host {
  return { base, engines, openSink, settingsChanged };
}
