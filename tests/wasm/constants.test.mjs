/* Numbers that the engine's TypeScript repeats of the core's headers are the same there. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as types from '../../build/js/measure_types.js';

const header = readFileSync(
  new URL('../../core/include/bitloss_measure.h', import.meta.url),
  'utf8',
);

test('what the engine knows by number is what the core knows', () => {
  const repeated = {
    BL_Z95: types.Z95,
    BL_TEXT_CONTEXT: types.TEXT_CONTEXT,
    BL_TASK_SPARE_TOKENS: types.TASK_SPARE_TOKENS,
    BL_HISTOGRAM_BINS: types.HISTOGRAM_BINS,
  };
  for (const [name, value] of Object.entries(repeated)) {
    const [, written] = header.match(new RegExp(`#define ${name} ([\\d.]+)`)) ?? [];
    assert.equal(Number(written), value, name);
  }
});
