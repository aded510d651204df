/** One request to a server, and what is said of an answer that is none. */
import { PageError } from '../experiment/problem.ts';

/** Throws a PageError that says what the server, or the network, answered. */
export async function request(
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { signal, credentials: 'omit', headers });
  } catch (error) {
    if (signal.aborted) throw error;
    // An unknown host and a missing CORS header look alike to a page.
    throw new PageError(
      navigator.onLine ? { kind: 'network', host: new URL(url).host } : { kind: 'offline' },
    );
  }
  if (response.ok) return response;
  void response.body?.cancel();
  throw new PageError(refusal(response, url));
}

function refusal(response: Response, address: string) {
  const { status, headers } = response;
  // huggingface.co answers 401 also for what does not exist, and says so in a header.
  if (/^(Repo|Revision)NotFound$/.test(headers.get('X-Error-Code') ?? ''))
    return { kind: 'no-repository', address } as const;
  if (status === 404 || status === 410) return { kind: 'not-found', address } as const;
  if (status === 401 || status === 403) return { kind: 'forbidden', address } as const;
  const { host } = new URL(address);
  if (status === 429) {
    const seconds = Number(headers.get('Retry-After'));
    return {
      kind: 'too-many',
      host,
      seconds: seconds > 0 && seconds < 86400 ? seconds : 0,
    } as const;
  }
  if (status >= 500) return { kind: 'server', host, status } as const;
  return { kind: 'http', status, address } as const;
}
