/** The measuring worker: see Measurer in measure_types.ts. */
import { expose } from './expose.ts';
import { QueuedMeasurer } from './measurer.ts';

expose(new QueuedMeasurer());
