/** Gives a worker's object to the page through Comlink. */
import * as Comlink from 'comlink';
import { showLife } from './life.ts';
import { passSources } from './source_port.ts';
import { BitlossError } from './types.ts';

/** Errors that leave this worker keep their code: Comlink on the page's side gives the error all
 * fields that are in `value`, but on this side it would send only the usual three. */
function sendErrorCodes(): void {
  const standard = Comlink.transferHandlers.get('throw');
  if (!standard) return;
  Comlink.transferHandlers.set('throw', {
    ...standard,
    serialize: (thrown: unknown) => {
      const { value } = thrown as { value: unknown };
      if (!(value instanceof BitlossError)) return standard.serialize(thrown);
      const { code, message, name, said } = value;
      return [{ isError: true, value: { code, message, name, said } }, []];
    },
  });
}

/** Answers calls that come to this worker, or to another end of a channel. */
export function expose(api: unknown, endpoint?: Comlink.Endpoint): void {
  sendErrorCodes();
  passSources();
  if (!endpoint) showLife();
  Comlink.expose(api, endpoint);
}
