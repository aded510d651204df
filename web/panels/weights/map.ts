/** A matrix as a picture: a cell for each group of weights, the deeper the greater its error. It is told in
 * words beside it, and chosen from by two number fields too. */

/** Cells that stand for several groups show the worst of them. */
export interface MapSize {
  columns: number;
  rows: number;
}

const MAX_ROWS = 160;

export function mapSize(nRows: number, groupsPerRow: number, width: number): MapSize {
  // Rows of the matrix from left to right: there are more of them than groups in one.
  return {
    columns: Math.max(1, Math.min(nRows, Math.floor(width / 2))),
    rows: Math.max(1, Math.min(groupsPerRow, MAX_ROWS)),
  };
}

/** The least exact group of those that a cell stands for: the one whose error it shows. */
export function groupAt(
  { columns, rows }: MapSize,
  groupRmse: ArrayLike<number>,
  groupsPerRow: number,
  x: number,
  y: number,
): { row: number; group: number } {
  /** The range of the items in the cell at a fraction of the way: item i is in cell floor(i cells / n). */
  const within = (fraction: number, n: number, cells: number) => {
    const cell = Math.max(0, Math.min(cells - 1, Math.floor(fraction * cells)));
    return [Math.ceil((cell * n) / cells), Math.ceil(((cell + 1) * n) / cells)] as const;
  };
  const [firstRow, endRow] = within(x, groupRmse.length / groupsPerRow, columns);
  const [first, end] = within(y, groupsPerRow, rows);
  let worst = { row: firstRow, group: first };
  const errorOf = (one: typeof worst) => groupRmse[one.row * groupsPerRow + one.group]!;
  for (let row = firstRow; row < endRow; row++)
    for (let group = first; group < end; group++)
      if (errorOf({ row, group }) > errorOf(worst)) worst = { row, group };
  return worst;
}

/** The greatest error of each cell's groups, (rows, columns), as a share of the greatest of all. */
export function cellsOf(
  size: MapSize,
  groupRmse: ArrayLike<number>,
  groupsPerRow: number,
): Float32Array {
  const nRows = groupRmse.length / groupsPerRow;
  const cells = new Float32Array(size.columns * size.rows);
  let greatest = 0;
  for (let row = 0; row < nRows; row++) {
    const column = Math.floor((row * size.columns) / nRows);
    for (let group = 0; group < groupsPerRow; group++) {
      const cell = Math.floor((group * size.rows) / groupsPerRow) * size.columns + column;
      const error = groupRmse[row * groupsPerRow + group]!;
      if (error > cells[cell]!) cells[cell] = error;
      if (error > greatest) greatest = error;
    }
  }
  return greatest > 0 ? cells.map((error) => error / greatest) : cells;
}

/** The picture, in the colour that the canvas has as text. */
export function drawMap(canvas: HTMLCanvasElement, size: MapSize, cells: Float32Array): void {
  canvas.width = size.columns;
  canvas.height = size.rows;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.fillStyle = getComputedStyle(canvas).color;
  for (const [cell, share] of cells.entries()) {
    context.globalAlpha = share;
    context.fillRect(cell % size.columns, Math.floor(cell / size.columns), 1, 1);
  }
}
