/** Colours as the page computes them, "oklab(…)" and "color-mix(…)" too, in a form that any program reads. */
import type { Paint } from './shapes.ts';

const known = new Map<string, Paint | null>();
let context: CanvasRenderingContext2D | null = null;

/** null for one that covers nothing, and for what is no colour. */
export function paintOf(color: string, opacity = 1): Paint | null {
  let paint = known.get(color);
  if (paint === undefined) known.set(color, (paint = resolve(color)));
  const covers = (paint?.opacity ?? 0) * opacity;
  return paint && covers > 0 ? { color: paint.color, opacity: covers } : null;
}

function resolve(color: string): Paint | null {
  if (color === 'none' || color === 'transparent' || color === '') return null;
  context ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext(
    '2d',
    { willReadFrequently: true },
  )!;
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = '#000000';
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data as unknown as number[];
  if (!alpha) return null;
  const hex = [red, green, blue].map((one) => one!.toString(16).padStart(2, '0')).join('');
  return { color: `#${hex}`, opacity: Math.round((alpha / 255) * 1000) / 1000 };
}

let measuring: CanvasRenderingContext2D | null = null;

/** Of a typeface, in its own pixels: how far it reaches above and below the base line. */
export function heightsOf(font: string): { above: number; below: number } {
  measuring ??= document.createElement('canvas').getContext('2d')!;
  measuring.font = font;
  const { fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } =
    measuring.measureText('x');
  return { above, below };
}
