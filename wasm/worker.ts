/** A lane's worker, called from the page through Comlink: see LaneApi in lane.ts. */
import { expose } from './expose.ts';
import { LaneApi } from './lane.ts';
import { pageModule } from './page_module.ts';

const module = pageModule();
const api = new LaneApi(() => module);
expose(api);
// What goes wrong is told by the first call.
api.warm().catch(() => {});
