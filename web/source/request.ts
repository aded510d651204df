/** One request to a server, and what is said of an answer that is none. */
import { HUB } from '../experiment/address.ts';
import { PageError, type Problem } from '../experiment/problem.ts';
import { authorization } from './token.ts';

/** Throws a PageError that says what the server, or the network, answered. The reader's token goes along to
 * the hub, and to no other host. */
export async function request(
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
  method: 'GET' | 'HEAD' = 'GET',
): Promise<Response> {
  const own = authorization(url);
  let response: Response;
  try {
    response = await fetch(url, {
      signal,
      method,
      credentials: 'omit',
      headers: { ...headers, ...own },
    });
  } catch (error) {
    if (signal.aborted) throw error;
    // An unknown host and a missing CORS header look alike to a page.
    throw new PageError(
      navigator.onLine ? { kind: 'network', host: new URL(url).host } : { kind: 'offline' },
    );
  }
  if (response.ok) return response;
  void response.body?.cancel();
  throw new PageError(refusal(response, url, 'Authorization' in own));
}

function refusal(response: Response, address: string, hasToken: boolean): Problem {
  const { status, headers } = response;
  const code = headers.get('X-Error-Code') ?? '';
  // huggingface.co answers 401 also for what does not exist, and says so in a header.
  if (/^(Repo|Revision)NotFound$/.test(code)) return { kind: 'no-repository', address, hasToken };
  if (code === 'GatedRepo') return { kind: 'gated', address: pageOf(address), hasToken };
  if (status === 401 && hasToken) return { kind: 'bad-token', host: new URL(address).host };
  if (status === 404 || status === 410) return { kind: 'not-found', address };
  if (status === 401 || status === 403) return { kind: 'forbidden', address };
  const { host } = new URL(address);
  if (status === 429) {
    const seconds = Number(headers.get('Retry-After'));
    return { kind: 'too-many', host, seconds: seconds > 0 && seconds < 86400 ? seconds : 0 };
  }
  if (status >= 500) return { kind: 'server', host, status };
  return { kind: 'http', status, address };
}

/** The page of the repository that a file of the hub is in: there its terms are accepted. */
function pageOf(address: string): string {
  const [owner, name] = new URL(address).pathname
    .replace(/^\/api\/models/, '')
    .slice(1)
    .split('/');
  const isAlone = name === undefined || name === 'resolve' || name === 'revision';
  return isAlone ? `${HUB}/${owner}` : `${HUB}/${owner}/${name}`;
}
