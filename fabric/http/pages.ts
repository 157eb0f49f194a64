/**
 * Keeps web pages out of the REST doors. They have no pages of their own, and are for programs; yet every page that a browser on this machine
 * shows can send them something, and open doors ask nobody who comes.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { FieldlineError } from '@/lib/errors';
import { isLoopbackHost } from '@/lib/net/loopback';

/** Where a server is reached: what it listens on, and the name by which others are told of it. */
export interface ServerNames {
  host: string;
  advertisedHost?: string | undefined;
}

/**
 * Fails with FORBIDDEN on what a page sent (a program sends neither Origin nor Sec-Fetch-Site), and, while only this machine is listened to,
 * on a name that is not this machine's: a page whose own name was pointed at 127.0.0.1 (DNS rebinding) carries that name.
 */
export function refusePages(headers: IncomingHttpHeaders, { host, advertisedHost }: ServerNames): void {
  const site = headers['sec-fetch-site'];
  if (headers.origin !== undefined || (site !== undefined && site !== 'none'))
    throw new FieldlineError('FORBIDDEN', "A web page may do nothing at a fabric's doors");
  const name = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  if (!isLoopbackHost(host) || isLoopbackHost(name) || name === host || name === advertisedHost?.toLowerCase()) return;
  throw new FieldlineError('FORBIDDEN', `This fabric is not called "${name.slice(0, 100)}"`, {
    remedy: 'Ask it by a loopback address, or start it with --advertised-host',
  });
}
