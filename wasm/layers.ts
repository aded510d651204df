/** A prompt followed through the layers: how far a variant's hidden states are from the reference's, and
 * what each layer would say next. Needs the full module in a browser (wasm/exports_layers.c). */
import { pause, sameEngine, type Watch } from './measure.ts';
import type { LayerFigures, LayersResult } from './measure_types.ts';
import type { Model } from './model.ts';
import { BitlossError } from './types.ts';

/** As the core writes them: JSON has no infinite numbers. */
type Written = Omit<LayerFigures, Distance> & Record<Distance, number | 'infinite' | null>;
type Distance = 'distance' | 'lastDistance' | 'kl';

function figuresOf(written: Written): LayerFigures {
  const of = (name: Distance) => (written[name] === 'infinite' ? Infinity : written[name]);
  return { ...written, distance: of('distance'), lastDistance: of('lastDistance'), kl: of('kl') };
}

/** Throws 'unsupported' when the engine runs on the small module, 'argument' when the prompt is empty or
 * longer than the models' context. */
export async function followLayers(
  reference: Model,
  variant: Model,
  prompt: string,
  watch: Watch = {},
): Promise<LayersResult> {
  const { core } = reference;
  sameEngine(reference, [variant]);
  if (!core.has('bw_layers_new'))
    throw new BitlossError('unsupported', 'This module has nothing to look into layers with.');
  const ids = reference.tokenizePrompt(prompt);
  const layers = core.withBytes(4 * ids.length + 1, (address) => {
    core.setInts(address, ids);
    const [from, to] = [reference.address, variant.address];
    return core.address(core.call('bw_layers_new', from, to, address, ids.length));
  });
  try {
    for (let fraction = 0; fraction < 1; ) {
      await pause(watch);
      fraction = core.call('bw_layers_step', layers);
      if (fraction < 0) throw core.error();
      watch.onFraction?.(fraction);
    }
    const figures = core.call('bw_layers_figures', layers, reference.address);
    return { nTokens: ids.length, layers: core.json<Written[]>(figures).map(figuresOf) };
  } finally {
    core.release('bw_layers_free', layers);
  }
}
