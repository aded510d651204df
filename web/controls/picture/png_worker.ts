/** Turns pixels into a PNG file, which takes longer than the page may stand still. */
self.addEventListener('message', async ({ data }: MessageEvent<ImageBitmap>) => {
  const canvas = new OffscreenCanvas(data.width, data.height);
  canvas.getContext('bitmaprenderer')!.transferFromImageBitmap(data);
  self.postMessage(await canvas.convertToBlob({ type: 'image/png' }));
});
