/** Reads a chart off the page as it stands there: SVG, boxes and text, through shadow roots. */
import { heightsOf, paintOf } from './colors.ts';
import { gradientShapes } from './gradients.ts';
import {
  ellipse,
  framed,
  rectangle,
  UNMOVED,
  type Matrix,
  type PathShape,
  type Picture,
  type Shape,
  type Stroke,
  type TextShape,
} from './shapes.ts';
import { Slices } from './slices.ts';

/** What is there to be used, or heard, is no part of the picture. */
const LEFT_OUT =
  'button, input, select, textarea, style, script, title, desc, defs, .visually-hidden, .tip, [data-left-out], bitloss-save-picture';
/** What stands on the page already, outside the chart: laid out in it, but hidden. */
const IN_PICTURE = '[data-in-picture]';
const BLACK = { color: '#000000', opacity: 1 };

interface Context {
  /** Its own frame is left out: the file has one. */
  chart: Element;
  root: DOMRect;
  shapes: Shape[];
  slices: Slices;
}

/** All of it, also what has been scrolled out of sight. `background` is what shows where the chart has no
 * background of its own. */
export async function readPicture(element: Element, title: string): Promise<Picture> {
  const root = wholeOf(element);
  const context: Context = { chart: element, root, shapes: [], slices: new Slices() };
  await readElement(element, 1, context);
  const picture = {
    width: Math.ceil(root.width),
    height: Math.ceil(root.height),
    background: backgroundOf(element),
    shapes: context.shapes,
  };
  const { fontFamily, color } = getComputedStyle(element);
  return framed(picture, title, fontFamily, paintOf(color) ?? BLACK);
}

function wholeOf(element: Element): DOMRect {
  const { x, y, width, height } = element.getBoundingClientRect();
  const { scrollLeft, scrollTop, scrollWidth, scrollHeight } = element;
  if (element instanceof SVGElement) return new DOMRect(x, y, width, height);
  return new DOMRect(
    x - scrollLeft,
    y - scrollTop,
    Math.max(width, scrollWidth),
    Math.max(height, scrollHeight),
  );
}

/** Of the nearest that has one. */
function backgroundOf(element: Element): Picture['background'] {
  for (let one: Element | null = element; one; one = parentOf(one)) {
    const paint = paintOf(getComputedStyle(one).backgroundColor);
    if (paint?.opacity === 1) return paint;
  }
  return { color: '#ffffff', opacity: 1 };
}

function parentOf(element: Element): Element | null {
  if (element.parentElement) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}

async function readElement(element: Element, around: number, context: Context): Promise<void> {
  if (element.matches(LEFT_OUT)) return;
  await context.slices.rest();
  const style = getComputedStyle(element);
  const opacity = around * Number(style.opacity);
  if (style.display === 'none' || opacity === 0) return;
  const isSeen = style.visibility === 'visible' || element.closest(IN_PICTURE) !== null;
  if (isSeen) {
    if (element instanceof SVGGeometryElement)
      return readGeometry(element, style, opacity, context);
    if (element instanceof HTMLCanvasElement) readCanvas(element, context);
    else if (element instanceof HTMLElement && element !== context.chart)
      for (const box of boxesOf(element, style)) readBox(box, style, opacity, context);
  }
  for (const node of (element.shadowRoot ?? element).childNodes) {
    if (node instanceof Element) await readElement(node, opacity, context);
    else if (node instanceof Text && isSeen) readText(node, style, opacity, context);
  }
}

// ---- SVG ----

function pathOf(element: SVGGeometryElement): string | null {
  const number = (name: string) => Number(element.getAttribute(name) ?? 0);
  const points = () => element.getAttribute('points')?.trim() ?? '';
  switch (element.localName) {
    case 'path':
      return element.getAttribute('d');
    case 'rect':
      return rectangle(
        number('x'),
        number('y'),
        number('width'),
        number('height'),
        number('rx') || number('ry'),
      );
    case 'circle':
      return ellipse(number('cx'), number('cy'), number('r'), number('r'));
    case 'ellipse':
      return ellipse(number('cx'), number('cy'), number('rx'), number('ry'));
    case 'line':
      return `M${number('x1')} ${number('y1')}L${number('x2')} ${number('y2')}`;
    case 'polyline':
      return points() && `M${points()}`;
    case 'polygon':
      return points() && `M${points()}z`;
    default:
      return null;
  }
}

/** A pattern is drawn in the colour of what it repeats. */
function fillOf(element: SVGGeometryElement, style: CSSStyleDeclaration, opacity: number) {
  const covers = opacity * Number(style.fillOpacity);
  const pattern = /^url\("?#([^")]+)"?\)/.exec(style.fill)?.[1];
  if (!pattern) return paintOf(style.fill, covers);
  const root = element.getRootNode() as Document | ShadowRoot;
  const part = root.getElementById(pattern)?.firstElementChild;
  if (!part) return null;
  const inner = getComputedStyle(part);
  return paintOf(inner.fill, covers * Number(inner.opacity));
}

function strokeOf(style: CSSStyleDeclaration, opacity: number, scale: number): Stroke | null {
  const paint = paintOf(style.stroke, opacity * Number(style.strokeOpacity));
  const width = Number.parseFloat(style.strokeWidth) * scale;
  if (!paint || !(width > 0)) return null;
  const dash = (style.strokeDasharray.match(/[\d.]+/g) ?? []).map((one) => Number(one) * scale);
  return { ...paint, width, dash };
}

function readGeometry(
  element: SVGGeometryElement,
  style: CSSStyleDeclaration,
  opacity: number,
  { root, shapes }: Context,
): void {
  const [d, at] = [pathOf(element), element.getScreenCTM()];
  if (!d || !at) return;
  const matrix: Matrix = [at.a, at.b, at.c, at.d, at.e - root.x, at.f - root.y];
  const scale =
    style.vectorEffect === 'non-scaling-stroke'
      ? 1
      : Math.sqrt(Math.abs(at.a * at.d - at.b * at.c));
  const fill = fillOf(element, style, opacity);
  const stroke = strokeOf(style, opacity, scale);
  const isLine = element.localName === 'line';
  if (fill || stroke) shapes.push({ kind: 'path', d, matrix, fill: isLine ? null : fill, stroke });
}

// ---- boxes ----

const SIDES = ['Top', 'Right', 'Bottom', 'Left'] as const;

function bordersOf(style: CSSStyleDeclaration, opacity: number): (Stroke | null)[] {
  return SIDES.map((side) => {
    const kind = style[`border${side}Style`];
    const width = Number.parseFloat(style[`border${side}Width`]);
    const paint = paintOf(style[`border${side}Color`], opacity);
    if (!paint || kind === 'none' || kind === 'hidden' || !(width > 0)) return null;
    const dash = kind === 'dashed' ? [3 * width, 2 * width] : kind === 'dotted' ? [width] : [];
    return { ...paint, width, dash };
  });
}

/** What runs on over several lines has a box on each. */
function boxesOf(element: HTMLElement, { display }: CSSStyleDeclaration): Iterable<DOMRect> {
  if (display === 'contents') return [];
  return display === 'inline' ? element.getClientRects() : [element.getBoundingClientRect()];
}

function readBox(
  rect: DOMRect,
  style: CSSStyleDeclaration,
  opacity: number,
  { root, shapes }: Context,
): void {
  const { width, height } = rect;
  if (width === 0 || height === 0) return;
  const [x, y] = [rect.x - root.x, rect.y - root.y];
  const shape = (d: string, more: Partial<PathShape>): PathShape => ({
    kind: 'path',
    d,
    matrix: UNMOVED,
    fill: null,
    stroke: null,
    ...more,
  });
  const corner = style.borderTopLeftRadius;
  const radius = corner.endsWith('%')
    ? (Number.parseFloat(corner) / 100) * Math.min(width, height)
    : Number.parseFloat(corner) || 0;
  const fill = paintOf(style.backgroundColor, opacity);
  if (fill) shapes.push(shape(rectangle(x, y, width, height, radius), { fill }));
  if (style.backgroundImage !== 'none')
    shapes.push(...gradientShapes(style, { x, y, width, height }, opacity));
  const borders = bordersOf(style, opacity);
  const [top, right, bottom, left] = borders;
  if (top && borders.every((one) => one?.width === top.width && one.color === top.color)) {
    const inset = top.width / 2;
    const edge = rectangle(
      x + inset,
      y + inset,
      width - top.width,
      height - top.width,
      Math.max(0, radius - inset),
    );
    shapes.push(shape(edge, { stroke: top }));
    return;
  }
  if (top) shapes.push(shape(`M${x} ${y + top.width / 2}h${width}`, { stroke: top }));
  if (bottom)
    shapes.push(shape(`M${x} ${y + height - bottom.width / 2}h${width}`, { stroke: bottom }));
  if (left) shapes.push(shape(`M${x + left.width / 2} ${y}v${height}`, { stroke: left }));
  if (right)
    shapes.push(shape(`M${x + width - right.width / 2} ${y}v${height}`, { stroke: right }));
}

function readCanvas(canvas: HTMLCanvasElement, { root, shapes }: Context): void {
  const { x, y, width, height } = canvas.getBoundingClientRect();
  if (canvas.width > 0 && canvas.height > 0)
    shapes.push({ kind: 'image', canvas, x: x - root.x, y: y - root.y, width, height });
}

// ---- text ----

/** Pieces of a text that stand on one line each, with their places on the screen. */
function linesOf(node: Text): { text: string; rect: DOMRect }[] {
  const range = document.createRange();
  // White space at the ends may take room, as in text that is shown with all of it.
  range.setStart(node, node.data.search(/\S/));
  range.setEnd(node, node.data.trimEnd().length);
  const rects = range.getClientRects();
  const all = node.data.replace(/\s+/g, ' ').trim();
  if (rects.length === 0) return [];
  if (rects.length === 1) return [{ text: all, rect: rects[0]! }];
  const lines: { text: string; rect: DOMRect }[] = [];
  for (const { 0: word, index } of node.data.matchAll(/\S+/g)) {
    range.setStart(node, index);
    range.setEnd(node, index + word.length);
    const rect = range.getBoundingClientRect();
    const last = lines.at(-1);
    if (last && Math.abs(last.rect.y - rect.y) < 2) {
      last.text += ` ${word}`;
      last.rect = new DOMRect(last.rect.x, last.rect.y, rect.right - last.rect.x, rect.height);
    } else lines.push({ text: word, rect });
  }
  return lines;
}

function readText(
  node: Text,
  style: CSSStyleDeclaration,
  opacity: number,
  { root, shapes }: Context,
): void {
  if (node.data.trim() === '') return;
  const parent = node.parentElement;
  if (parent instanceof SVGTextContentElement)
    return readSvgText(parent, node.data, style, opacity, { root, shapes });
  const fill = paintOf(style.color, opacity);
  if (!fill) return;
  const { above, below } = heightsOf(fontOf(style));
  for (const { text, rect } of linesOf(node)) {
    shapes.push({
      kind: 'text',
      text,
      x: rect.x - root.x,
      // The box is as high as the typeface.
      y: rect.y - root.y + (rect.height + above - below) / 2,
      anchor: 'start',
      turn: 0,
      font: typefaceOf(style, 1),
      fill,
      halo: null,
    });
  }
}

const fontOf = ({ fontStyle, fontWeight, fontSize, fontFamily }: CSSStyleDeclaration) =>
  `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;

const typefaceOf = (style: CSSStyleDeclaration, scale: number): TextShape['font'] => ({
  family: style.fontFamily,
  size: Number.parseFloat(style.fontSize) * scale,
  weight: style.fontWeight,
  style: style.fontStyle,
});

function readSvgText(
  element: SVGTextContentElement,
  data: string,
  style: CSSStyleDeclaration,
  opacity: number,
  { root, shapes }: Pick<Context, 'root' | 'shapes'>,
): void {
  const fill = paintOf(style.fill, opacity * Number(style.fillOpacity));
  const at = element.getScreenCTM();
  if (!fill || !at || element.getNumberOfChars() === 0) return;
  const anchor = style.textAnchor as TextShape['anchor'];
  const start = element.getStartPositionOfChar(0);
  // Of what is drawn from its middle, or its end, the file says that: another typeface is of another length.
  const along = { start: 0, middle: 0.5, end: 1 }[anchor] * element.getComputedTextLength();
  const place = new DOMPoint(start.x + along, start.y).matrixTransform(at);
  const scale = Math.hypot(at.a, at.b);
  shapes.push({
    kind: 'text',
    text: data.replace(/\s+/g, ' ').trim(),
    x: place.x - root.x,
    y: place.y - root.y,
    anchor,
    turn: (Math.atan2(at.b, at.a) * 180) / Math.PI,
    font: typefaceOf(style, scale),
    fill,
    halo: strokeOf(style, opacity, scale),
  });
}
