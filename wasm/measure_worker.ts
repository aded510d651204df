/** The measuring worker: see Measurer in measure_types.ts. */
import { expose } from './expose.ts';
import { QueuedMeasurer } from './measurer.ts';
import { pageModule } from './page_module.ts';

const module = pageModule();
expose(new QueuedMeasurer(() => module));
