/** The one control: a slider whose stops are bit widths, from the most to the fewest. */
import { html, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { styleMap } from '../../controls/style_map.ts';
import { placeOf, WIDTHS, type Width } from './widths.ts';

export interface SliderParts {
  label: string;
  /** What a screen reader says of the place. */
  valueText: string;
  at: Width;
  /** What is written below the stop of the reference. */
  referenceLabel: string;
  onChoose: (width: Width) => void;
}

export function slider({
  label,
  valueText,
  at,
  referenceLabel,
  onChoose,
}: SliderParts): TemplateResult {
  const onInput = (event: Event) =>
    onChoose(WIDTHS[Number((event.target as HTMLInputElement).value)]!);
  return html`<div class="control">
    <input
      type="range"
      min="0"
      max=${WIDTHS.length - 1}
      step="1"
      .value=${live(String(WIDTHS.indexOf(at)))}
      aria-label=${label}
      aria-valuetext=${valueText}
      @input=${onInput}
    />
    <!-- For the pointer: by keyboard, and to a screen reader, the slider itself is all this. -->
    <div class="ticks number" aria-hidden="true">
      ${WIDTHS.map(
        (width) => html`<span
          ?data-at=${width === at}
          style=${styleMap({ left: `${100 * placeOf(width)}%` })}
          @click=${() => onChoose(width)}
          >${width === 16 ? referenceLabel : width}</span
        >`,
      )}
    </div>
  </div>`;
}
