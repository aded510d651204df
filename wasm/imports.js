/* Tells emcc of the function that the module takes from whoever starts it (wasm/loader.ts), so that
 * any other that is missing is still an error. */
mergeInto(LibraryManager.library, { bw_now: () => performance.now() / 1000 });
