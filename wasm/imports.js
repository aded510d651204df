/* Tells emcc of the functions that the module takes from whoever starts it (wasm/imports.h), so that
 * any other that is missing is still an error. wasm/loader.ts has what they do. */
mergeInto(LibraryManager.library, {
  bw_now() {},
  bw_progress() {},
  bw_write_digits() {},
  bw_read_number() {},
});
