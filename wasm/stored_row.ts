/** One row of a tensor as the bytes that it is stored in. What they mean is for the format to say
 * (core/quant). */
import { whole } from './check.ts';
import type { StoredRow } from './measure_types.ts';
import type { Model } from './model.ts';

/** What bw_tensor_layout says. `dtype` is the type of scales, or what the weights had, where that matters to
 * the format; else "". Row r of a part lies at address + r * rowBytes, and what all rows share in
 * sharedBytes from address on. */
interface TensorLayout extends Omit<StoredRow, 'row' | 'parts'> {
  parts: { name: string; address: number; rowBytes: number; sharedBytes: number }[];
}

/** A copy of a row's bytes, of the tensor with this index in tensors(). */
export function storedRow(model: Model, tensor: number, row: number): StoredRow {
  const { core } = model;
  const tensors = model.tensors();
  const { nRows } = tensors[whole('tensor', tensor, 0, tensors.length - 1)]!;
  whole('row', row, 0, nRows - 1);
  const layout = core.json<TensorLayout>(core.call('bw_tensor_layout', model.address, tensor));
  const parts = layout.parts.map(({ name, address, rowBytes, sharedBytes }) => ({
    name,
    bytes: core.bytes(address + row * rowBytes, rowBytes + sharedBytes).slice(),
  }));
  return { ...layout, row, parts };
}
