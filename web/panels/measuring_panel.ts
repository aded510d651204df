/** What the panels have in common that measure on their own: the open model, its lanes and the text,
 * a session with the measuring worker, and one job at a time. */
import type { PropertyValues } from 'lit';
import { property } from 'lit/decorators.js';
import type { Formats } from '../../wasm/types.ts';
import { Job } from '../controls/job.ts';
import type { MeasureClient, Session } from '../experiment/measure/client.ts';
import { beginning, type Tokens } from '../experiment/measure/texts.ts';
import { Panel } from './panel.ts';
import { factsOf, type EvaluationText, type Lane, type OpenModel } from '../experiment/state.ts';

export class MeasuringPanel extends Panel {
  @property({ attribute: false }) measuring!: MeasureClient;
  @property({ attribute: false }) model!: OpenModel;
  @property({ attribute: false }) lanes: readonly Lane[] = [];
  @property({ attribute: false }) formats: Formats | null = null;
  @property({ attribute: false }) text!: EvaluationText;

  protected readonly job = new Job(this, () => void this.session.stop());
  #session: Session | null = null;

  protected get session(): Session {
    return (this.#session ??= this.measuring.session());
  }

  protected get hasTokenizer(): boolean {
    return factsOf(this.lanes)?.info.hasTokenizer ?? false;
  }

  /** The first tokens of the text; null where there is no text, or nothing to read it with. Throws a
   * PageError when the text is too short. */
  protected async tokens(nTokens: number): Promise<Tokens | null> {
    const { content, documents } = this.text;
    if (!this.hasTokenizer || content === null) return null;
    return beginning(await this.session.tokenize(content, documents), nTokens);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('model');
    if (!before || before.serial === this.model.serial) return;
    this.job.stop();
    this.job.problem = null;
    this.reset();
  }

  /** Another model is open: what was measured is no longer of interest. */
  protected reset(): void {}
}
