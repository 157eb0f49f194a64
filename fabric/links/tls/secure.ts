import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { FieldlineError } from '@/lib/errors';
import { connectionError } from '@/lib/http';
import { addressText } from '@/lib/net/address';

const HANDSHAKE_TIMEOUT_MS = 30_000;

/** Verification is never switched off. */
export interface TlsTrust {
  /** PEM of the authority of HQ's certificates; the system's authorities when absent. */
  ca?: string | Buffer | undefined;
  /** The name in HQ's certificate, where that is not the host that is dialled. */
  serverName?: string | undefined;
}

/**
 * TLS over a connection of the dialer, so that the link conditioner acts on what is encrypted. Fails with UNAVAILABLE (certificate, or no
 * TLS there) or TIMEOUT; the connection is closed then.
 */
export function secure(
  raw: Duplex,
  host: string,
  port: number,
  trust: TlsTrust,
  signal?: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const name = trust.serverName ?? host;
    const socket = connect({ socket: raw, host: name, servername: isIP(name) ? undefined : name, ca: trust.ca });
    const finish = (error: Error | null) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      raw.off('close', onClose);
      if (error === null) {
        // What ends either ends both; whoever owns the socket learns of it by `close`.
        raw.once('close', () => socket.destroy());
        socket.once('close', () => raw.destroy());
        resolve(socket);
        return;
      }
      raw.destroy();
      socket.destroy();
      const isReset = (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      reject(
        isReset ? closedEarly(host, port) : connectionError(error, new URL(`https://${addressText({ host, port })}`)),
      );
    };
    const onAbort = () => finish(new FieldlineError('ABORTED', `Connecting to ${host}:${port} was given up`));
    // A refused certificate closes the connection first, and says why only then.
    const onClose = () => setImmediate(() => finish(closedEarly(host, port)));
    const timer = setTimeout(
      () =>
        finish(
          new FieldlineError(
            'TIMEOUT',
            `${host}:${port} did not finish the TLS handshake in ${HANDSHAKE_TIMEOUT_MS} ms`,
          ),
        ),
      HANDSHAKE_TIMEOUT_MS,
    );
    socket.on('error', (error) => finish(error));
    socket.once('secureConnect', () => finish(null));
    raw.once('close', onClose);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

const closedEarly = (host: string, port: number) =>
  new FieldlineError('UNAVAILABLE', `${host}:${port} closed the connection during the TLS handshake`, {
    remedy: 'See that this port speaks TLS',
    details: { reason: 'reset' },
  });
