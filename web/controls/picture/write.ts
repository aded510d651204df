/** A picture as a file: SVG that stands alone, or PNG at twice the size on the page. Neither needs anything of
 * the page around, nor leave of its policy: no picture is loaded on the way. */
import { Worker } from '../../experiment/worker_anywhere.ts';
import type { Paint, Picture, Shape, Stroke } from './shapes.ts';
import { Slices } from './slices.ts';

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string) => text.replace(/[&<>"]/g, (c) => ESCAPES[c]!);
const rounded = (x: number) => String(Math.round(x * 100) / 100);

type Attributes = Record<string, string | null>;

function tag(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes)
    .filter((entry): entry is [string, string] => entry[1] !== null)
    .map(([key, value]) => ` ${key}="${escaped(value)}"`)
    .join('');
  return content ? `<${name}${written}>${content}</${name}>` : `<${name}${written}/>`;
}

const opacityOf = ({ opacity }: Paint) => (opacity < 1 ? rounded(opacity) : null);

function fillAttributes(fill: Paint | null): Attributes {
  return fill ? { fill: fill.color, 'fill-opacity': opacityOf(fill) } : { fill: 'none' };
}

function strokeAttributes(stroke: Stroke | null): Attributes {
  if (!stroke) return {};
  return {
    stroke: stroke.color,
    'stroke-width': rounded(stroke.width),
    'stroke-opacity': opacityOf(stroke),
    'stroke-dasharray': stroke.dash.length > 0 ? stroke.dash.map(rounded).join(' ') : null,
    'vector-effect': 'non-scaling-stroke',
  };
}

function svgShape(shape: Shape): string {
  if (shape.kind === 'image') {
    const { canvas, x, y, width, height } = shape;
    const place = { x, y, width, height };
    const at = Object.fromEntries(Object.entries(place).map(([key, n]) => [key, rounded(n)]));
    return tag('image', { ...at, href: canvas.toDataURL(), preserveAspectRatio: 'none' });
  }
  if (shape.kind === 'path') {
    const isMoved = shape.matrix.some((one, i) => one !== [1, 0, 0, 1, 0, 0][i]);
    return tag('path', {
      d: shape.d.replace(/-?\d+\.\d{3,}/g, (number) => rounded(Number(number))),
      transform: isMoved ? `matrix(${shape.matrix.map((one) => +one.toFixed(4)).join(' ')})` : null,
      ...fillAttributes(shape.fill),
      ...strokeAttributes(shape.stroke),
    });
  }
  const { text, x, y, anchor, turn, font, fill, halo } = shape;
  return tag(
    'text',
    {
      x: rounded(x),
      y: rounded(y),
      transform: turn === 0 ? null : `rotate(${rounded(turn)} ${rounded(x)} ${rounded(y)})`,
      'text-anchor': anchor === 'start' ? null : anchor,
      'font-family': font.family,
      'font-size': rounded(font.size),
      'font-weight': font.weight === '400' ? null : font.weight,
      'font-style': font.style === 'normal' ? null : font.style,
      ...fillAttributes(fill),
      ...(halo ? { ...strokeAttributes(halo), 'paint-order': 'stroke' } : {}),
    },
    escaped(text),
  );
}

export async function toSvg(
  { width, height, background, shapes }: Picture,
  title: string,
): Promise<string> {
  const ground = { width: String(width), height: String(height), fill: background.color };
  const lines = [tag('title', {}, escaped(title)), tag('rect', ground)];
  const slices = new Slices();
  for (const shape of shapes) {
    lines.push(svgShape(shape));
    await slices.rest();
  }
  const content = lines.join('\n');
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    width: String(width),
    height: String(height),
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
  };
  return `${tag('svg', attributes, `\n${content}\n`)}\n`;
}

// ---- PNG ----

const SCALE = 2;

function setStroke(context: OffscreenCanvasRenderingContext2D, stroke: Stroke): void {
  context.globalAlpha = stroke.opacity;
  context.strokeStyle = stroke.color;
  context.lineWidth = stroke.width;
  context.setLineDash([...stroke.dash]);
}

function paint(context: OffscreenCanvasRenderingContext2D, shape: Shape): void {
  if (shape.kind === 'image') {
    context.globalAlpha = 1;
    context.imageSmoothingEnabled = false;
    context.drawImage(shape.canvas, shape.x, shape.y, shape.width, shape.height);
    return;
  }
  if (shape.kind === 'path') {
    const path = new Path2D();
    path.addPath(new Path2D(shape.d), new DOMMatrix([...shape.matrix]));
    if (shape.fill) {
      context.globalAlpha = shape.fill.opacity;
      context.fillStyle = shape.fill.color;
      context.fill(path);
    }
    if (!shape.stroke) return;
    setStroke(context, shape.stroke);
    context.stroke(path);
    return;
  }
  const { text, x, y, anchor, turn, font, fill, halo } = shape;
  context.save();
  context.translate(x, y);
  context.rotate((turn * Math.PI) / 180);
  context.font = `${font.style} ${font.weight} ${font.size}px ${font.family}`;
  context.textAlign = anchor === 'middle' ? 'center' : anchor;
  if (halo) {
    setStroke(context, halo);
    context.lineJoin = 'round';
    context.strokeText(text, 0, 0);
  }
  context.globalAlpha = fill.opacity;
  context.fillStyle = fill.color;
  context.fillText(text, 0, 0);
  context.restore();
}

/** Rejects where the browser cannot make so large a picture. */
export async function toPng({ width, height, background, shapes }: Picture): Promise<Blob> {
  const canvas = new OffscreenCanvas(SCALE * width, SCALE * height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  context.scale(SCALE, SCALE);
  context.fillStyle = background.color;
  context.fillRect(0, 0, width, height);
  const slices = new Slices();
  for (const shape of shapes) {
    paint(context, shape);
    await slices.rest();
  }
  return encode(canvas.transferToImageBitmap());
}

function encode(pixels: ImageBitmap): Promise<Blob> {
  const worker = new Worker(new URL('./png_worker.ts', import.meta.url), { type: 'module' });
  return new Promise<Blob>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<Blob>) => resolve(data);
    worker.onerror = reject;
    worker.postMessage(pixels, [pixels]);
  }).finally(() => worker.terminate());
}
