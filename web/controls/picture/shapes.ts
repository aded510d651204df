/** What a chart is drawn of: shapes in CSS pixels from its upper left corner, with every colour and typeface
 * worked out, so that they mean the same outside the page. */

/** A colour that any program reads, "#2b66b8", and how much of it covers, 0 to 1. */
export interface Paint {
  color: string;
  opacity: number;
}

export interface Stroke extends Paint {
  width: number;
  dash: readonly number[];
}

export type Matrix = readonly [number, number, number, number, number, number];

export interface PathShape {
  kind: 'path';
  /** In the words of SVG, before `matrix` is applied. */
  d: string;
  matrix: Matrix;
  fill: Paint | null;
  /** Its width is that on the page, whatever the matrix. */
  stroke: Stroke | null;
}

export interface TextShape {
  kind: 'text';
  text: string;
  /** Of the base line: where the text begins, has its middle or ends, as `anchor` says. */
  x: number;
  y: number;
  anchor: 'start' | 'middle' | 'end';
  /** Clockwise, in degrees. */
  turn: number;
  font: { family: string; size: number; weight: string; style: string };
  fill: Paint;
  /** An edge behind the letters. */
  halo: Stroke | null;
}

/** Pixels that the page has painted itself. */
export interface ImageShape {
  kind: 'image';
  canvas: HTMLCanvasElement;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Shape = PathShape | TextShape | ImageShape;

export interface Picture {
  width: number;
  height: number;
  background: Paint;
  shapes: readonly Shape[];
}

/** Around the chart in a file; what it shows is written above it. */
const MARGIN = 14;
const TITLE_HEIGHT = 28;

/** The picture as it goes into a file: with its title, and room around it. */
export function framed(picture: Picture, title: string, family: string, ink: Paint): Picture {
  const [dx, dy] = [MARGIN, MARGIN + TITLE_HEIGHT];
  const moved = picture.shapes.map((shape): Shape => {
    if (shape.kind !== 'path') return { ...shape, x: shape.x + dx, y: shape.y + dy };
    const [a, b, c, d, e, f] = shape.matrix;
    return { ...shape, matrix: [a, b, c, d, e + dx, f + dy] };
  });
  const heading: TextShape = {
    kind: 'text',
    text: title,
    x: MARGIN,
    y: MARGIN + 14,
    anchor: 'start',
    turn: 0,
    font: { family, size: 14, weight: '600', style: 'normal' },
    fill: ink,
    halo: null,
  };
  return {
    width: picture.width + 2 * MARGIN,
    height: picture.height + 2 * MARGIN + TITLE_HEIGHT,
    background: picture.background,
    shapes: [heading, ...moved],
  };
}

export const UNMOVED: Matrix = [1, 0, 0, 1, 0, 0];

export function rectangle(x: number, y: number, width: number, height: number, radius = 0): string {
  const r = Math.min(radius, width / 2, height / 2);
  if (!(r > 0)) return `M${x} ${y}h${width}v${height}h${-width}z`;
  const arc = (dx: number, dy: number) => `a${r} ${r} 0 0 1 ${dx} ${dy}`;
  const [w, h] = [width - 2 * r, height - 2 * r];
  return `M${x + r} ${y}h${w}${arc(r, r)}v${h}${arc(-r, r)}h${-w}${arc(-r, -r)}v${-h}${arc(r, -r)}z`;
}

export function ellipse(cx: number, cy: number, rx: number, ry: number): string {
  return `M${cx - rx} ${cy}a${rx} ${ry} 0 1 0 ${2 * rx} 0a${rx} ${ry} 0 1 0 ${-2 * rx} 0z`;
}
