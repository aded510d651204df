/** Backgrounds that are not of one colour: ramps from one to the next, stripes and dots. They are drawn as
 * shapes of one colour each, which every program that reads SVG draws alike. */
import { paintOf } from './colors.ts';
import { ellipse, rectangle, UNMOVED, type Shape } from './shapes.ts';

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Stop {
  color: string;
  /** In pixels, or as a share where the gradient says per cents; null where it says nothing. */
  at: number | null;
}

/** Steps of a ramp. */
const N_STEPS = 24;

/** "a, b(c, d), e" -> its three parts. */
function parts(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  for (let i = 0; i <= text.length; i++) {
    const c = text[i];
    if (c === '(') depth++;
    if (c === ')') depth--;
    if (i < text.length && (c !== ',' || depth > 0)) continue;
    found.push(text.slice(from, i).trim());
    from = i + 1;
  }
  return found;
}

function stopOf(text: string): Stop {
  const [, color = text, at] = /^(.*?)(?:\s+(-?[\d.]+)(?:px|%))?$/.exec(text) ?? [];
  return { color, at: at === undefined ? null : Number(at) };
}

/** What stands in `background-image`, as computed; nothing for what is not one of the kinds that the page
 * uses. */
export function gradientShapes(style: CSSStyleDeclaration, box: Box, opacity: number): Shape[] {
  const [, kind, inner] = /^([a-z-]+)\((.*)\)$/.exec(style.backgroundImage) ?? [];
  if (!kind || !inner) return [];
  const [first = '', ...rest] = parts(inner);
  const angle = /^(-?[\d.]+)deg$/.exec(first)?.[1];
  const stops = (angle === undefined ? parts(inner) : rest).map(stopOf);
  if (kind === 'repeating-linear-gradient') return stripes(stops, Number(angle), box, opacity);
  if (kind === 'linear-gradient') return ramp(stops, placed(style, box), opacity);
  if (kind === 'radial-gradient') return dots(stops, box, opacity);
  return [];
}

/** Where a background of a size of its own lies in its box. */
function placed({ backgroundSize, backgroundPosition }: CSSStyleDeclaration, box: Box): Box {
  const [wide = 'auto', high = 'auto'] = backgroundSize.split(' ');
  const [across = '0%', down = '0%'] = backgroundPosition.split(' ');
  const along = (text: string, whole: number) =>
    text.endsWith('%') ? (Number.parseFloat(text) / 100) * whole : Number.parseFloat(text);
  const sizeOf = (text: string, whole: number) => (text === 'auto' ? whole : along(text, whole));
  const width = sizeOf(wide, box.width);
  const height = sizeOf(high, box.height);
  return {
    x: box.x + along(across, box.width - width),
    y: box.y + along(down, box.height - height),
    width,
    height,
  };
}

const filled = (d: string, color: string, opacity: number): Shape[] => {
  const fill = paintOf(color, opacity);
  return fill ? [{ kind: 'path', d, matrix: UNMOVED, fill, stroke: null }] : [];
};

/** Two colours in turn, of which the second lies under all. */
function stripes(stops: readonly Stop[], angle: number, box: Box, opacity: number): Shape[] {
  const [stripe, end, ground] = stops;
  const period = stops.at(-1)?.at;
  if (!stripe || !ground || !end?.at || !period) return [];
  const { x, y, width, height } = box;
  const under = filled(rectangle(x, y, width, height), ground.color, opacity);
  const stroke = paintOf(stripe.color, opacity);
  if (!stroke) return under;
  const isUpright = angle % 180 === 90;
  const step = isUpright ? period : period * Math.SQRT2;
  let d = '';
  // Slanted ones rise to the right; each is cut where it leaves the box.
  const reach = isUpright ? width : width + height;
  for (let at = (isUpright ? end.at : step) / 2; at < reach; at += step) {
    if (isUpright) {
      d += `M${x + at} ${y}v${height}`;
      continue;
    }
    const [from, to] = [Math.max(0, at - height), Math.min(at, width)];
    d += `M${x + from} ${y + at - from}L${x + to} ${y + at - to}`;
  }
  const line = { ...stroke, width: end.at, dash: [] };
  return [...under, { kind: 'path', d, matrix: UNMOVED, fill: null, stroke: line }];
}

function ramp(stops: readonly Stop[], { x, y, width, height }: Box, opacity: number): Shape[] {
  const [from, to] = [stops[0], stops.at(-1)];
  if (!from || !to) return [];
  if (from.color === to.color) return filled(rectangle(x, y, width, height), to.color, opacity);
  const step = width / N_STEPS;
  return Array.from({ length: N_STEPS }, (_, i) => {
    const share = (100 * i) / (N_STEPS - 1);
    const color = `color-mix(in srgb, ${to.color} ${share}%, ${from.color})`;
    // A hair wider, so that no gap shows between two.
    return filled(rectangle(x + i * step, y, step + 0.3, height), color, opacity);
  }).flat();
}

/** A grid of discs, 5 pixels apart as in controls/stack.ts. */
function dots(stops: readonly Stop[], { x, y, width, height }: Box, opacity: number): Shape[] {
  const [disc, ground] = stops.filter(({ at }) => at !== null);
  if (!disc || !ground) return [];
  const spacing = 5;
  let d = '';
  for (let cy = spacing / 2; cy < height; cy += spacing)
    for (let cx = spacing / 2; cx < width; cx += spacing)
      d += ellipse(x + cx, y + cy, disc.at ?? 1, disc.at ?? 1);
  return [
    ...filled(rectangle(x, y, width, height), ground.color, opacity),
    ...(d ? filled(d, disc.color, opacity) : []),
  ];
}
