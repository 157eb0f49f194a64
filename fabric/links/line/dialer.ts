import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { LinkConditions } from '@/lib/ports/links';
import type { Dialer } from '../types';
import { ConditionedSocket } from './conditioned-socket';
import { Shaper } from './shaper';
import { TrafficMeter } from './traffic';

/** A satellite link answers within a few seconds, or it is down. */
const DIAL_TIMEOUT_MS = 10_000;
/** Finds a half-open connection that nobody waits on. */
const TCP_KEEPALIVE_MS = 15_000;
/** Idle HTTP connections kept for the next piece of a mirror. */
const AGENT_FREE_SOCKETS_MAX = 8;
const AGENT_SOCKETS_MAX = 16;

const CONDITIONS_NONE: LinkConditions = { cut: false, bytesPerSecond: null, latencyMs: 0 };

/** The dialer of a site: every connection to HQ, and the conditioner that acts on all of them together. */
export function createDialer(): Dialer {
  let conditions = CONDITIONS_NONE;
  const inbound = new Shaper();
  const outbound = new Shaper();
  const meter = new TrafficMeter();
  const open = new Set<ConditionedSocket>();

  const dial: Dialer['dial'] = async (host, port, options = {}) => {
    refuseWhenCut(conditions, host, port);
    // The handshake crosses the link once each way.
    if (conditions.latencyMs > 0)
      await systemClock.sleep(2 * conditions.latencyMs, options.signal).catch(() => {
        throw aborted(host, port, options.signal);
      });
    const raw = await connected(host, port, options.timeoutMs ?? DIAL_TIMEOUT_MS, options.signal);
    if (conditions.cut) {
      raw.destroy();
      throw cutError(`${host}:${port}`);
    }
    raw.setNoDelay(true);
    raw.setKeepAlive(true, TCP_KEEPALIVE_MS);
    const socket = new ConditionedSocket(raw, {
      inbound,
      outbound,
      latencyMs: () => conditions.latencyMs,
      meter: meter.connection(),
    });
    open.add(socket);
    // Whoever owns it learns of its end by `close` as well; a cut must not end the process where nobody listens yet.
    socket.on('error', () => undefined);
    socket.once('close', () => open.delete(socket));
    return socket;
  };

  return {
    dial,
    agent: new DialerAgent(dial),
    conditions: () => ({ ...conditions }),
    setConditions: (next) => {
      const changed = next.bytesPerSecond !== conditions.bytesPerSecond || next.latencyMs !== conditions.latencyMs;
      conditions = { ...next };
      if (next.cut) for (const socket of open) socket.destroy(cutError('HQ'));
      if (!changed) return;
      inbound.setRate(next.bytesPerSecond);
      outbound.setRate(next.bytesPerSecond);
      meter.reset();
    },
    traffic: () => ({
      bytesIn: meter.bytesIn,
      bytesOut: meter.bytesOut,
      estimatedBytesPerSecond: meter.estimatedBytesPerSecond,
      provenBytesPerSecond: meter.provenBytesPerSecond,
    }),
  };
}

class DialerAgent extends Agent {
  constructor(private readonly dial: Dialer['dial']) {
    super({ keepAlive: true, maxFreeSockets: AGENT_FREE_SOCKETS_MAX, maxSockets: AGENT_SOCKETS_MAX });
  }

  /** node:http accepts a connection later, by callback, and any Duplex that has a socket's methods. */
  override createConnection(
    options: { host?: string | null; port?: number | string | null },
    callback: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    this.dial(options.host ?? 'localhost', Number(options.port ?? 80)).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error),
    );
    return undefined;
  }
}

function cutError(where: string): FieldlineError {
  return new FieldlineError('UNAVAILABLE', `The link to ${where} is cut by the link conditioner`, {
    remedy: 'Restore the link in the conditioner',
  });
}

function refuseWhenCut(conditions: LinkConditions, host: string, port: number): void {
  if (conditions.cut) throw cutError(`${host}:${port}`);
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is not known',
  EAI_AGAIN: 'the name could not be looked up',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'no answer',
};

function connected(host: string, port: number, timeoutMs: number, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted(host, port, signal));
      return;
    }
    const socket = connect({ host, port });
    const finish = (error?: FieldlineError) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.off('error', onError);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      // A late error of a socket nobody waits for any more says nothing new.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onError = (cause: NodeJS.ErrnoException) =>
      finish(
        new FieldlineError(
          'UNAVAILABLE',
          `Can not reach ${host}:${port}: ${REASONS[cause.code ?? ''] ?? cause.message}`,
          {
            cause,
            details: { host, port },
          },
        ),
      );
    const onAbort = () => finish(aborted(host, port, signal));
    const timer = setTimeout(
      () => finish(new FieldlineError('TIMEOUT', `No answer from ${host}:${port} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('error', onError);
    socket.once('connect', () => finish());
  });
}

function aborted(host: string, port: number, signal?: AbortSignal): FieldlineError {
  return new FieldlineError('ABORTED', `Connecting to ${host}:${port} was given up`, { cause: signal?.reason });
}
