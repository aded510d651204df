// Whether the engine's relaxed SIMD can be used.
import { relaxedSimd } from 'wasm-feature-detect';

/** A module with one function: lane 0 of the relaxed dot product of bytes -3 and 100, summed to 7. Its text:
 *
 *     (func (export "f") (result i32)
 *       (i32x4.extract_lane 0 (i32x4.relaxed_dot_i8x16_i7x16_add_s
 *         (v128.const i8x16 -3 …) (v128.const i8x16 100 …) (v128.const i32x4 7 …)))) */
const constant = (bytes: number[]) => [0xfd, 12, ...bytes];
const body = [
  ...constant(Array(16).fill(0xfd)),
  ...constant(Array(16).fill(100)),
  ...constant([7, 0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0, 7, 0, 0, 0]),
  ...[0xfd, 0x93, 2, 0xfd, 27, 0, 11],
];
const knownAnswer = new Uint8Array([
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0],
  ...[10, body.length + 3, 1, body.length + 1, 0, ...body],
]);

/** The dot product is there and right: in Node 20, which has it behind a flag, V8's first compiler leaves the 7 out. */
export async function relaxedDot(): Promise<boolean> {
  if (!(await relaxedSimd())) return false;
  const { instance } = await WebAssembly.instantiate(knownAnswer);
  return (instance.exports as { f(): number }).f() === 7 - 4 * 3 * 100;
}
