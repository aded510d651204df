/** The panels' code, each fetched once. */
import type { PanelModule, PanelRow } from '../panels/index.ts';

const modules = new Map<string, Promise<PanelModule>>();

/** One that did not come is asked for anew the next time. */
export function loadPanel({ id, load }: PanelRow): Promise<PanelModule> {
  let module = modules.get(id);
  if (!module) {
    modules.set(id, (module = load()));
    module.catch(() => modules.delete(id));
  }
  return module;
}

/** Has it fetched; whether it came is told when it is drawn. */
export function prepare(row: PanelRow): void {
  loadPanel(row).catch(() => {});
}
