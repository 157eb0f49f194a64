import type { Clock } from '@/lib/clock/clock';
import { systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import { parseEndpoint } from './client/address';
import type { Endpoint } from './client/connection';
import { findDoors } from './doors';
import { type LinkSecurity, type UpstreamAccess, upstreamAccess } from './security';
import type { Dialer, Upstream, UpstreamAddress } from './types';

/** Doors seldom move; asking anew after this costs one small request over the link. */
const ADDRESS_AGE_MS_MAX = 60_000;

/** The configured way to another cluster, as `cluster/gateway/set` stores it. */
export interface GatewaySource {
  /** `gateways`: one `host:port` (further ones, separated by spaces, are not used). */
  list(): readonly { cluster: string; gateways: string; security?: LinkSecurity }[];
  /** Calls back after every change. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
}

/** The upstream with what replication has to tell it. */
export interface UpstreamControl extends Upstream {
  /** The name of the cluster it leads to; null while none is set. */
  readonly cluster: string | null;
  /** HQ has just answered. */
  seen(): void;
  /** Its doors were not where they were: ask again before the next use. */
  forget(): void;
  /** Calls back when another upstream is set. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
  close(): void;
}

/** Finds HQ's doors from the one configured `host:port`. A fabric has one upstream: the first gateway that is set. */
export function createUpstream(parts: { dialer: Dialer; gateways: GatewaySource; clock?: Clock }): UpstreamControl {
  const { dialer, gateways, clock = systemClock } = parts;
  const listeners = new Set<() => void>();
  let lastSeenAt: number | null = null;
  let known: { address: UpstreamAddress; askedAt: number } | null = null;
  let asking: Promise<UpstreamAddress> | null = null;
  let access: UpstreamAccess | null = null;

  const gateway = () => gateways.list()[0];
  const first = () => gateway()?.gateways.trim().split(/\s+/)[0] || null;
  const letGo = () => {
    if (access && access.rest.agent !== dialer.agent) access.rest.agent.destroy();
    access = null;
  };
  const stopListening = gateways.onChange(() => {
    known = null;
    asking = null;
    letGo();
    for (const listener of listeners) listener();
  });

  const ask = async (configured: Endpoint, cluster: string): Promise<UpstreamAddress> => {
    access ??= upstreamAccess(dialer, gateway()?.security ?? {});
    const address = await findDoors(dialer, configured, cluster, access);
    known = { address, askedAt: clock.now() };
    lastSeenAt = clock.now();
    return address;
  };

  return {
    get configured() {
      return first();
    },
    get cluster() {
      return gateway()?.cluster ?? null;
    },
    get lastSeenAt() {
      return lastSeenAt;
    },
    async resolve(signal) {
      signal?.throwIfAborted();
      const text = first();
      const cluster = gateway()?.cluster;
      if (text === null || cluster === undefined)
        throw new FieldlineError('UNAVAILABLE', 'Cluster Gateways are not configured: this site knows no HQ', {
          remedy: 'Set the upstream of this site (host:port of HQ)',
        });
      const configured = parseEndpoint(text);
      if (!configured)
        throw new FieldlineError('CONFIG_INVALID', `The upstream is "${text}", which is not host:port`, {
          remedy: 'Set the upstream as host:port',
        });
      if (known && clock.now() - known.askedAt < ADDRESS_AGE_MS_MAX) return known.address;
      // Replication and mirrors ask at the same time when the link comes back: one question serves both.
      if (!asking) {
        const current = ask(configured, cluster).finally(() => {
          if (asking === current) asking = null;
        });
        asking = current;
      }
      return withSignal(asking, signal);
    },
    seen: () => {
      lastSeenAt = clock.now();
    },
    forget: () => {
      known = null;
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => {
      stopListening();
      letGo();
      listeners.clear();
    },
  };
}

function withSignal<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () =>
      reject(new FieldlineError('ABORTED', 'The question to HQ was given up', { cause: signal.reason }));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
