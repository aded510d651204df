/** Loss against effort, a dot for each way that was measured. */
import { html, svg, type TemplateResult } from 'lit';
import type { Format } from '../../format.ts';
import type { WaysWords } from './en.ts';
import { meanKl, type Found, type WayId } from './run.ts';

const HEIGHT = 240;
const [TOP, BOTTOM, LEFT, RIGHT] = [24, 28, 52, 16];
/** Seconds at the ends of the axis; what took less stands at its beginning. */
const [FIRST, LAST] = [0.01, 1000];

export function chart(
  words: WaysWords,
  format: Format,
  found: ReadonlyMap<WayId, Found>,
  width: number,
): TemplateResult {
  const points = [...found].map(([id, one]) => ({ id, seconds: one.seconds, kl: meanKl(one) }));
  const most = Math.max(0.001, ...points.map(({ kl }) => kl)) * 1.1;
  const right = Math.max(LEFT + 1, width - RIGHT);
  const share = (s: number) => Math.log10(Math.max(s, FIRST) / FIRST) / Math.log10(LAST / FIRST);
  const x = (seconds: number) => LEFT + (right - LEFT) * Math.min(1, share(seconds));
  const y = (kl: number) => HEIGHT - BOTTOM - (kl / most) * (HEIGHT - TOP - BOTTOM);
  const told = points.map(
    ({ id, seconds, kl }) =>
      `${words.names[id]} ${format.upTo(kl, kl / 50)}, ${words.seconds(format.upTo(seconds, 0.1))}`,
  );
  return html`<figure>
    <figcaption><h3>${words.chartTitle}</h3></figcaption>
    <svg viewBox="0 0 ${Math.max(width, 1)} ${HEIGHT}" height=${HEIGHT} role="img" aria-label=${words.chart(told.join('; '))}>
      ${[0, most / 2, most].map(
        (value) => svg`<line class="grid" x1=${LEFT} x2=${right} y1=${y(value)} y2=${y(value)} />
          <text x=${LEFT - 8} y=${y(value) + 4} text-anchor="end">${format.upTo(value, most / 50)}</text>`,
      )}
      ${[0.01, 0.1, 1, 10, 100].map(
        (value) =>
          svg`<text x=${x(value)} y=${HEIGHT - 8} text-anchor="middle">${format.exact(value)}</text>`,
      )}
      ${points.map(({ id, seconds, kl }) => {
        const isRight = x(seconds) > (LEFT + right) / 2;
        return svg`<circle class=${id} cx=${x(seconds)} cy=${y(kl)} r="5" />
          <text class="name" x=${x(seconds) + (isRight ? -9 : 9)} y=${y(kl) - 7}
            text-anchor=${isRight ? 'end' : 'start'}>${words.names[id].split(/[,(]/)[0]!.trim()}</text>`;
      })}
    </svg>
    <p class="small muted">${words.chartAxis}</p>
  </figure>`;
}
