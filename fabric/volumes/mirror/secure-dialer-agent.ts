import { Agent } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { FieldlineError } from '@/lib/errors';
import type { Dialer } from '../../links/types';

const HANDSHAKE_TIMEOUT_MS = 30_000;
/** Idle connections are let go after this. */
const IDLE_MS_MAX = 60_000;
const SOCKETS_MAX = 16;

/** HTTPS over connections of the dialer, so that the link conditioner acts on it as on everything else. Certificates are always checked. */
export class SecureDialerAgent extends Agent {
  constructor(
    private readonly dialer: Dialer,
    private readonly ca: string | Buffer | undefined,
  ) {
    super({ keepAlive: true, maxSockets: SOCKETS_MAX, timeout: IDLE_MS_MAX });
  }

  /** node:https accepts a connection later, by callback. */
  override createConnection(
    options: { host?: string | null; port?: number | string | null },
    callback: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const host = options.host ?? 'localhost';
    const port = Number(options.port ?? 443);
    this.dialer.dial(host, port).then(
      (raw) => {
        const secure = connect({ socket: raw, host, servername: isIP(host) ? undefined : host, ca: this.ca });
        const finish = (error: Error | null) => {
          clearTimeout(timer);
          secure.off('error', finish);
          if (error) raw.destroy();
          callback(error, error ? undefined : secure);
        };
        const late = () =>
          finish(
            new FieldlineError(
              'TIMEOUT',
              `${host}:${port} did not finish the TLS handshake in ${HANDSHAKE_TIMEOUT_MS} ms`,
            ),
          );
        const timer = setTimeout(late, HANDSHAKE_TIMEOUT_MS);
        secure.once('error', finish);
        secure.once('secureConnect', () => finish(null));
      },
      (error: Error) => callback(error),
    );
    return undefined;
  }
}
