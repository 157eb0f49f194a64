/**
 * An embedded fabric as far as a cluster would have it: a proxy in front of its REST door that hides what is only Fieldline's. What a
 * cluster does not have is answered as a cluster answers an unknown command; error codes of ours are taken out of the answers.
 */
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** Rows have these keys only at an embedded fabric. */
const OWN_KEYS = ['extensions', 'doors', 'direction', 'topics', 'state'];
const OWN_COMMANDS = /^\/rest\/link\//;
const OWN_PARAMETERS = ['inbound', 'outbound', 'list', 'copyFrom'];
const OWN_HEADERS = ['x-fieldline-sha256', 'x-fieldline-modified-at'];

export interface ClusterDouble {
  baseUrl: string;
  /** Parameters of ours that a client sent although nothing had announced them, as `path?name`. */
  strayParameters: string[];
  close(): Promise<void>;
}

/** `rest`: `host:port` of the fabric's door, asked at each call. `tls`: as a secured cluster, with this certificate (PEM). */
export async function startClusterDouble(
  rest: () => string,
  tls?: { key: string; certificate: string },
): Promise<ClusterDouble> {
  const strayParameters: string[] = [];
  const answer = (incoming: IncomingMessage, response: ServerResponse) => {
    const url = new URL(incoming.url ?? '/', 'http://cluster');
    for (const name of OWN_PARAMETERS) if (url.searchParams.has(name)) strayParameters.push(`${url.pathname}?${name}`);
    if (OWN_COMMANDS.test(url.pathname)) {
      incoming.resume();
      response.writeHead(404).end('<html>Not Found</html>');
      return;
    }
    pass(rest(), incoming, response);
  };
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.certificate }, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    strayParameters,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function pass(rest: string, incoming: IncomingMessage, response: ServerResponse): void {
  const [host, port] = rest.split(':') as [string, string];
  const { method, url: path, headers } = incoming;
  const outgoing = forward({ host, port, method, path, headers }, (answer) => {
    const shown = { ...answer.headers };
    for (const name of OWN_HEADERS) delete shown[name];
    if (!path?.startsWith('/rest/')) {
      response.writeHead(answer.statusCode ?? 502, shown);
      answer.pipe(response);
      return;
    }
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => {
      const body = hide(Buffer.concat(chunks).toString('utf8'));
      delete shown['content-length'];
      response.writeHead(answer.statusCode ?? 502, shown);
      response.end(body);
    });
  });
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function hide(body: string): string {
  if (!body.startsWith('{')) return body;
  const answer = JSON.parse(body) as { data?: Record<string, unknown>[]; errors?: Record<string, unknown>[] };
  for (const row of answer.data ?? []) for (const key of OWN_KEYS) delete row[key];
  for (const error of answer.errors ?? []) delete error.code;
  return JSON.stringify(answer);
}
