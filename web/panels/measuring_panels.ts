/** The panels that try many recipes, or look at one weight: sweep, sensitivity, weights, budget. */
import { html, type TemplateResult } from 'lit';
import type { Formats } from '../../wasm/types.ts';
import { en as budgetEn } from '../i18n/budget.en.ts';
import { ko as budgetKo } from '../i18n/budget.ko.ts';
import { en as sensitivityEn } from '../i18n/sensitivity.en.ts';
import { ko as sensitivityKo } from '../i18n/sensitivity.ko.ts';
import { en as sweepEn } from '../i18n/sweep.en.ts';
import { ko as sweepKo } from '../i18n/sweep.ko.ts';
import { en as weightsEn } from '../i18n/weights.en.ts';
import { ko as weightsKo } from '../i18n/weights.ko.ts';
import type { MeasureClient } from '../measure/client.ts';
import type { AppState, EvaluationText, Lane, Lang, OpenModel, PanelId } from '../state.ts';
import './budget/element.ts';
import './sensitivity/element.ts';
import './sweep/element.ts';
import './weights/element.ts';

export interface MeasuringContext {
  lang: Lang;
  /** Make a session of it once, in a panel's first update, not at each drawing. */
  measuring: MeasureClient;
  model: OpenModel;
  lanes: readonly Lane[];
  formats: Formats | null;
  text: EvaluationText;
  lookedAt: AppState['lookedAt'];
  /** A box with a heading that folds it; the content is made only while it is open. */
  fold: (id: PanelId, heading: string, content: () => TemplateResult) => TemplateResult;
}

const HEADINGS: Record<Lang, Record<'sweep' | 'sensitivity' | 'weights' | 'budget', string>> = {
  en: {
    sweep: sweepEn.heading,
    sensitivity: sensitivityEn.heading,
    weights: weightsEn.heading,
    budget: budgetEn.heading,
  },
  ko: {
    sweep: sweepKo.heading,
    sensitivity: sensitivityKo.heading,
    weights: weightsKo.heading,
    budget: budgetKo.heading,
  },
};

export function measuringPanels({
  lang,
  measuring,
  model,
  lanes,
  formats,
  text,
  lookedAt,
  fold,
}: MeasuringContext): TemplateResult {
  const headings = HEADINGS[lang];
  return html`${fold(
    'sweep',
    headings.sweep,
    () =>
      html`<bitloss-sweep .language=${lang} .measuring=${measuring} .model=${model} .lanes=${lanes} .formats=${formats} .text=${text}></bitloss-sweep>`,
  )}
  ${fold(
    'sensitivity',
    headings.sensitivity,
    () =>
      html`<bitloss-sensitivity .language=${lang} .measuring=${measuring} .model=${model} .lanes=${lanes} .formats=${formats} .text=${text}></bitloss-sensitivity>`,
  )}
  ${fold(
    'weights',
    headings.weights,
    () =>
      html`<bitloss-weights .lookedAt=${lookedAt} .language=${lang} .measuring=${measuring} .model=${model} .lanes=${lanes} .formats=${formats} .text=${text}></bitloss-weights>`,
  )}
  ${fold(
    'budget',
    headings.budget,
    () =>
      html`<bitloss-budget .language=${lang} .measuring=${measuring} .model=${model} .lanes=${lanes} .formats=${formats} .text=${text}></bitloss-budget>`,
  )}`;
}
