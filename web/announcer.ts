/** Tells a screen reader what happened: a model opened, a lane became ready, the texts are done, and
 * what was lost. */
import { compareRuns } from './agreement.ts';
import type { App } from './app.ts';
import { relativeError } from './format.ts';
import { messages } from './i18n/index.ts';
import { addressName } from './link.ts';
import { lossOf } from './measure/verdict.ts';
import { formatFor, laneName } from './panel.ts';
import type { Lane } from './state.ts';

export class Announcer {
  /** The latest news; put into a live region. */
  sentence = '';
  #announcedRun = 0;
  #announcedTexts = '';

  constructor(
    private readonly app: App,
    private readonly onChange: () => void,
  ) {
    app.onLaneReady = (lane) => this.#laneReady(lane);
    app.store.subscribe(() => {
      this.#checkRuns();
      this.#checkTexts();
    });
  }

  #say(sentence: string): void {
    if (sentence === this.sentence) return;
    this.sentence = sentence;
    this.onChange();
  }

  #laneReady(lane: Lane): void {
    const { lang, lanes, model } = this.app.store.state;
    const t = messages[lang];
    const format = formatFor(lang);
    const { figures } = lane;
    const reference = lanes[0]?.figures;
    if (!figures || !reference || !model) return;
    if (lane.id === 'reference')
      return this.#say(t.live.modelOpen(figures.info.name || addressName(model.address)));
    const share = format.percent(figures.info.sizeBytes / reference.info.sizeBytes);
    const error = format.percent(relativeError(figures.error.snrDb));
    this.#say(
      t.live.laneReady(laneName(t, lane.id), format.bytes(figures.info.sizeBytes), share, error),
    );
  }

  /** Speaks once per request, when every lane has answered it. */
  #checkRuns(): void {
    const { lang, lanes, request } = this.app.store.state;
    if (!request || this.#announcedRun === request.serial) return;
    const answered = (lane: Lane) => lane.run?.serial === request.serial && lane.run.stop !== null;
    if (!lanes.every(answered)) return;
    this.#announcedRun = request.serial;
    const t = messages[lang];
    const [reference, ...variants] = lanes;
    const parts = variants.map((lane) => {
      const agreement = compareRuns(reference!.run!, lane.run!);
      const name = laneName(t, lane.id);
      return agreement.kind === 'differs'
        ? t.live.laneDiffers(name, String(agreement.index + 1))
        : t.live.laneSame(name);
    });
    this.#say(t.live.runDone(parts.join(' ')));
  }

  /** Speaks once all lanes have been measured on the text that is asked for now. */
  #checkTexts(): void {
    const { lang, lanes } = this.app.store.state;
    const variants = lanes.slice(1);
    if (!variants.every(({ text }) => text.isFresh)) return;
    const keys = variants.map(({ text }) => text.key).join();
    if (keys === this.#announcedTexts) return;
    this.#announcedTexts = keys;
    const t = messages[lang];
    const parts = variants.map((lane) =>
      t.live.laneLoss(laneName(t, lane.id), t.losses[lossOf(lane)]),
    );
    this.#say(t.live.measured(parts.join(' ')));
  }
}
