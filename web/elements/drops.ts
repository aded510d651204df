/** Files that are dropped on an element: it takes them, and the page around hears nothing of it. */
import { droppedFiles, type PickedFile } from '../source/files.ts';

export interface DropTarget {
  /** False: what is dropped is another's affair. */
  takes: () => boolean;
  /** Files are over the element, or are not any more. */
  onOver: (isOver: boolean) => void;
  onFiles: (files: Promise<PickedFile[]>) => void;
}

/** Listens on `element` for as long as that is there. */
export function takeDrops(element: HTMLElement, { takes, onOver, onFiles }: DropTarget): void {
  const isMeant = (event: DragEvent) =>
    takes() && (event.dataTransfer?.types.includes('Files') ?? false);
  element.addEventListener('dragover', (event) => {
    if (!isMeant(event)) return;
    event.preventDefault();
    event.stopPropagation();
    onOver(true);
  });
  element.addEventListener('dragleave', (event) => {
    const isInside = event.relatedTarget instanceof Node && element.contains(event.relatedTarget);
    if (isMeant(event) && !isInside) onOver(false);
  });
  element.addEventListener('drop', (event) => {
    if (!isMeant(event)) return;
    event.preventDefault();
    event.stopPropagation();
    onOver(false);
    onFiles(droppedFiles(event.dataTransfer!));
  });
}
