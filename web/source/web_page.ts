/** Tells a web page, as servers send in place of a file, from what a model is made of. */
import { PageError } from '../experiment/problem.ts';

/** A page's first tag comes within this many bytes. */
const N_BYTES = 4096;

/** Throws a PageError when a file is a web page, or another server's message in markup: with a
 * doctype or without, after spaces, comments and a byte order mark, in letters of either case. Nothing
 * that a model is made of begins with a tag. */
export async function refuseWebPage(blob: Blob, address: string): Promise<void> {
  // What cannot be read is told where it is read for use.
  const start = await blob
    .slice(0, N_BYTES)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0));
  const bytes = new Uint8Array(start);
  if (isMarkup(bytes)) throw new PageError({ kind: 'web-page', address });
}

export function isMarkup(bytes: Uint8Array): boolean {
  const isWide =
    (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  const encoding = !isWide ? 'utf-8' : bytes[0] === 0xff ? 'utf-16le' : 'utf-16be';
  const text = new TextDecoder(encoding).decode(bytes);
  // An unfinished comment reaches beyond what was read.
  const rest = text.replace(/^(\s|\ufeff|<!--[\s\S]*?(-->|$)|<\?[\s\S]*?(\?>|$))+/, '');
  return (rest === '' && text.includes('<')) || /^<(!doctype\b|[a-z][\w-]*[\s>/])/i.test(rest);
}
