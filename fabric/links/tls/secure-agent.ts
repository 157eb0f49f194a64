import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Dialer } from '../types';
import { secure, type TlsTrust } from './secure';

/** Idle connections are let go after this. */
const IDLE_MS_MAX = 60_000;
const SOCKETS_MAX = 16;

/** HTTPS over connections of the dialer, so that the link conditioner acts on it as on everything else. Certificates are always checked. */
export class SecureDialerAgent extends Agent {
  constructor(
    private readonly dialer: Dialer,
    private readonly trust: TlsTrust,
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
    this.dialer
      .dial(host, port)
      .then((raw) => secure(raw, host, port, this.trust))
      .then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error),
      );
    return undefined;
  }
}
