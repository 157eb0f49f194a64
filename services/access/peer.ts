/**
 * The address of a call's peer. Next gives a handler no socket, so every request is stamped as Node's server announces it (the
 * `http.server.request.start` channel), in a header under a secret of this process: what a client sends by that name is overwritten, and
 * would not be believed before the stamp works either.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server } from 'node:http';
import type { AuditEntry } from '@/lib/api/access-schemas';
import { answerBadRequests } from './bad-requests';
import { newSecret } from './secrets';

const PEER_HEADER = 'x-fieldline-peer';
const KEY = Symbol.for('fieldline.peer');
const holder = globalThis as { [KEY]?: string };

/** A client has this long for the head of a request, and for the whole; Node looks every 30 s. The largest body has 256 KiB. */
const HEAD_MS_MAX = 15_000;
const REQUEST_MS_MAX = 60_000;

/** From now on requests carry their peer, slow clients are given up, and what is no request is refused and noted. Once a process. */
export function stampRequests(note: (entry: Omit<AuditEntry, 'at'>) => void): void {
  if (holder[KEY]) return;
  const secret = newSecret();
  holder[KEY] = secret;
  subscribe('http.server.request.start', (message) => {
    const { request, server } = message as { request: IncomingMessage; server: Server };
    request.headers[PEER_HEADER] = `${secret} ${request.socket.remoteAddress ?? ''}`;
    answerBadRequests(server, note);
    server.headersTimeout = HEAD_MS_MAX;
    server.requestTimeout = REQUEST_MS_MAX;
  });
}

/** The peer's address; `unknown` where nothing stamped the request (a test without a server). */
export function peerOf(headers: Headers): string {
  const [secret, address] = (headers.get(PEER_HEADER) ?? '').split(' ');
  return holder[KEY] && secret === holder[KEY] && address ? address.replace(/^::ffff:/, '') : 'unknown';
}
