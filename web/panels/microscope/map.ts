/** A matrix as a picture of cells. Its rows lie from left to right: there are more of them than groups in
 * one. */

/** Cells that stand for several items show the one that is furthest from 0. */
export interface MapSize {
  columns: number;
  rows: number;
}

const MAX_ROWS = 160;

/** For rows of so many items, groups or weights. */
export function mapSize(nRows: number, perRow: number, width: number): MapSize {
  return {
    columns: Math.max(1, Math.min(nRows, Math.floor(width / 2))),
    rows: Math.max(1, Math.min(perRow, MAX_ROWS)),
  };
}

/** The range of the items in the cell at a fraction of the way: item i is in cell floor(i cells / n). */
function within(fraction: number, n: number, cells: number) {
  const cell = Math.max(0, Math.min(cells - 1, Math.floor(fraction * cells)));
  return [Math.ceil((cell * n) / cells), Math.ceil(((cell + 1) * n) / cells)] as const;
}

/** The least exact group of those that a cell stands for: the one whose error it shows. */
export function groupAt(
  { columns, rows }: MapSize,
  groupRmse: ArrayLike<number>,
  groupsPerRow: number,
  x: number,
  y: number,
): { row: number; group: number } {
  const [firstRow, endRow] = within(x, groupRmse.length / groupsPerRow, columns);
  const [first, end] = within(y, groupsPerRow, rows);
  let worst = { row: firstRow, group: first };
  const errorOf = (one: typeof worst) => groupRmse[one.row * groupsPerRow + one.group]!;
  for (let row = firstRow; row < endRow; row++)
    for (let group = first; group < end; group++)
      if (errorOf({ row, group }) > errorOf(worst)) worst = { row, group };
  return worst;
}

/** The greatest error of each cell's groups, (rows, columns). */
export function cellsOf(
  size: MapSize,
  groupRmse: ArrayLike<number>,
  groupsPerRow: number,
): Float32Array {
  const nRows = groupRmse.length / groupsPerRow;
  const cells = new Float32Array(size.columns * size.rows);
  for (let row = 0; row < nRows; row++) {
    const column = Math.floor((row * size.columns) / nRows);
    for (let group = 0; group < groupsPerRow; group++) {
      const cell = Math.floor((group * size.rows) / groupsPerRow) * size.columns + column;
      const error = groupRmse[row * groupsPerRow + group]!;
      if (error > cells[cell]!) cells[cell] = error;
    }
  }
  return cells;
}

/** The picture, in the colour that the canvas has as text: the further a cell is from 0, the deeper;
 * `isRooted` draws square roots, so that a few far out leave something to be seen of the others. */
export function drawMap(
  canvas: HTMLCanvasElement,
  size: MapSize,
  cells: Float32Array,
  isRooted: boolean,
): void {
  canvas.width = size.columns;
  canvas.height = size.rows;
  const context = canvas.getContext('2d');
  if (!context) return;
  // A colour of CSS, whatever its spelling, as the canvas understands it.
  context.fillStyle = getComputedStyle(canvas).color;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  const image = context.createImageData(size.columns, size.rows);
  const greatest = cells.reduce((most, cell) => Math.max(most, Math.abs(cell)), 0);
  cells.forEach((cell, i) => {
    const share = greatest > 0 ? Math.abs(cell) / greatest : 0;
    image.data.set([r!, g!, b!, 255 * (isRooted ? Math.sqrt(share) : share)], 4 * i);
  });
  context.putImageData(image, 0, 0);
}
