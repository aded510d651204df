/** The worker that sums up files beside the page: see Summer. */
import * as Comlink from 'comlink';
import { Summer } from './summer.ts';

Comlink.expose(new Summer());
