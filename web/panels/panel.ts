/** What all panels have in common: words, numbers, and a way to send actions up. */
import { LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { send, type Action } from '../experiment/actions.ts';
import { Format } from '../format.ts';
import { messages, type Messages } from '../i18n/index.ts';
import type { LaneId, Lang } from '../experiment/state.ts';

const formats: Record<Lang, Format> = { en: new Format('en'), ko: new Format('ko') };

export class Panel extends LitElement {
  @property({ attribute: false }) language: Lang = 'en';

  protected get t(): Messages {
    return messages[this.language];
  }

  protected get format(): Format {
    return formats[this.language];
  }

  protected send(action: Action): void {
    send(this, action);
  }
}

export function formatFor(lang: Lang): Format {
  return formats[lang];
}

/** "A" for lane a. */
export function laneLetter(id: LaneId): string {
  return id === 'reference' ? '=' : id.toUpperCase();
}

/** "Reference" or "Lane A". */
export function laneName(t: Messages, id: LaneId): string {
  return id === 'reference' ? t.lane.reference : t.lane.variant(laneLetter(id));
}

export function laneColor(id: LaneId): string {
  return `var(--lane-${id})`;
}
