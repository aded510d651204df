/** Everything that can go wrong on the page, as data: the sentence is made where it is shown, in the
 * reader's language. */
import type { ErrorCode } from '../../wasm/types.ts';
import type { Messages } from '../i18n/index.ts';

/** Where a setting stands. */
export type Place = 'link' | 'element';

export type Problem =
  /** The core's own sentence about a file, a recipe or a request; in Korean too, where it has been said so. */
  | { kind: 'core'; code: ErrorCode; detail: string; korean?: string | undefined }
  | { kind: 'recipe'; recipe: string; detail: string; korean?: string | undefined }
  /** A lane's model could not be written to a file. */
  | { kind: 'save'; detail: string; korean?: string | undefined }
  /** The worker that wrote it died. */
  | { kind: 'save-crash'; detail: string }
  /** A lane's worker died. */
  | { kind: 'crash'; detail: string }
  /** The worker died while a model was being opened. */
  | { kind: 'open-crash'; detail: string }
  /** The measuring worker died. */
  | { kind: 'measure-crash'; detail: string }
  | { kind: 'text-empty' }
  /** Methods go by a text, and no text comes with the model. */
  | { kind: 'no-calibration' }
  /** By the reader, before there was anything. */
  | { kind: 'stopped' }
  | { kind: 'text-short'; nTokens: number; nNeeded: number }
  | { kind: 'browser'; detail: string }
  | { kind: 'memory' }
  | { kind: 'address'; text: string }
  | { kind: 'not-found'; address: string }
  | { kind: 'forbidden'; address: string }
  | { kind: 'http'; status: number; address: string }
  | { kind: 'network'; host: string }
  | { kind: 'offline' }
  | { kind: 'too-many'; host: string; seconds: number }
  | { kind: 'server'; host: string; status: number }
  /** Fewer or more bytes came than were announced; 0 were announced where the server did not say. `isKept`: what
   * came is in the cache. */
  | { kind: 'cut'; address: string; bytesDone: number; bytesTotal: number; isKept?: boolean }
  /** It is another one than the first of its bytes were of. */
  | { kind: 'changed'; address: string }
  /** Its bytes are not those that the server has the sum of. */
  | { kind: 'checksum'; address: string }
  | { kind: 'web-page'; address: string }
  | { kind: 'no-config'; address: string }
  /** `hasToken`: the reader's token was shown. */
  | { kind: 'no-repository'; address: string; hasToken: boolean }
  /** Of a repository whose terms must be accepted: the address of its page. */
  | { kind: 'gated'; address: string; hasToken: boolean }
  | { kind: 'bad-token'; host: string }
  /** A repository without weights that could be read; `found` are the names of others, or ''. */
  | { kind: 'no-weights'; address: string; found: string }
  /** Of a file whose size or header cannot be had without all of it. */
  | { kind: 'no-look'; address: string }
  /** An index that names files of which one is not there. */
  | { kind: 'no-shard'; address: string; name: string }
  /** Of a setting, in the link or, where `on` says so, on an element. Of its value: `used` stands in for
   * it; `expected` and `used` are '' where there are no words for them. */
  | {
      kind: 'link-setting';
      on?: Place;
      name: string;
      value: string;
      expected: string;
      used: string;
    }
  | { kind: 'link-repeated'; name: string; value: string }
  | { kind: 'link-unknown'; on?: Place; name: string }
  /** The first `limit` of `n` are used. */
  | { kind: 'link-prompt' | 'link-lanes'; on?: Place; name: string; n: number; limit: number }
  | { kind: 'link-recipe'; on?: Place; name: string; nBytes: number; limit: number }
  | { kind: 'link-panels'; on?: Place; name: string; unknown: string };

/** Thrown by the page's own code; carries the problem to where it is shown. */
export class PageError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.kind);
    this.name = 'PageError';
  }
}

/** Both languages part thousands by commas. */
const count = (n: number) => (n === 0 ? '' : n.toLocaleString('en-US'));

/** Without what follows the path: a server that a download was sent on to is told there who may have it. */
const plain = (address: string) => address.replace(/\?.*$/s, '');

/** The sentence for the reader. */
export function describe(t: Messages, problem: Problem): string {
  const s = t.problems;
  const place = (on: Place = 'link') => s.places[on];
  switch (problem.kind) {
    case 'core':
      return s.core(problem.code, problem.detail, problem.korean);
    case 'recipe':
      return s.recipe(problem.recipe, problem.detail, problem.korean);
    case 'save':
      return s.save(problem.detail, problem.korean);
    case 'save-crash':
      return s.saveCrash(problem.detail);
    case 'crash':
      return s.crash(problem.detail);
    case 'open-crash':
      return s.openCrash(problem.detail);
    case 'measure-crash':
      return s.measureCrash(problem.detail);
    case 'text-empty':
      return s.textEmpty;
    case 'no-calibration':
      return s.noCalibration;
    case 'stopped':
      return s.stopped;
    case 'text-short':
      return s.textShort(String(problem.nTokens), String(problem.nNeeded));
    case 'browser':
      return s.browser(problem.detail);
    case 'memory':
      return s.memory;
    case 'address':
      return s.address(problem.text);
    case 'not-found':
      return s.notFound(problem.address);
    case 'forbidden':
      return s.forbidden(problem.address);
    case 'http':
      return s.http(problem.status, problem.address);
    case 'network':
      return s.network(problem.host);
    case 'offline':
      return s.offline;
    case 'too-many':
      return s.tooMany(problem.host, problem.seconds);
    case 'server':
      return s.server(problem.host, problem.status);
    case 'cut':
      return s.cut(
        plain(problem.address),
        count(problem.bytesDone) || '0',
        count(problem.bytesTotal),
        problem.isKept ?? false,
      );
    case 'changed':
      return s.changed(plain(problem.address));
    case 'checksum':
      return s.checksum(plain(problem.address));
    case 'web-page':
      return s.webPage(plain(problem.address));
    case 'no-repository':
      return s.noRepository(problem.address, problem.hasToken);
    case 'gated':
      return s.gated(problem.address, problem.hasToken);
    case 'bad-token':
      return s.badToken(problem.host);
    case 'no-weights':
      return s.noWeights(problem.address, problem.found);
    case 'no-look':
      return s.noLook(problem.address);
    case 'no-shard':
      return s.noShard(problem.address, problem.name);
    case 'no-config':
      return s.noConfig(problem.address);
    case 'link-setting':
      return s.linkSetting(
        place(problem.on),
        problem.name,
        problem.value,
        problem.expected,
        problem.used,
      );
    case 'link-repeated':
      return s.linkRepeated(problem.name, problem.value);
    case 'link-unknown':
      return s.linkUnknown(place(problem.on), problem.name);
    case 'link-prompt':
      return s.linkPrompt(place(problem.on), problem.n, problem.limit);
    case 'link-lanes':
      return s.linkLanes(place(problem.on), problem.n, problem.limit);
    case 'link-recipe':
      return s.linkRecipe(place(problem.on), problem.nBytes, problem.limit);
    case 'link-panels':
      return s.linkPanels(place(problem.on), problem.unknown);
  }
}
