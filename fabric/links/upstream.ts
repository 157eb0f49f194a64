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
  /** `gateways`: `host:port`, or several with spaces between, each of which leads to the same HQ. */
  list(): readonly { cluster: string; gateways: string; security?: LinkSecurity }[];
  /** Why a gateway's security can not be had, with which it must not be used. */
  trouble?(cluster: string): FieldlineError | undefined;
  /** Calls back after every change. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
}

/** The upstream with what replication has to tell it. */
export interface UpstreamControl extends Upstream {
  /** The name of the cluster it leads to; null while none is set. */
  readonly cluster: string | null;
  /** HQ has just answered. */
  seen(): void;
  /** What `resolve` told does not serve. Where HQ has several addresses, the next use asks for one that does. */
  failed(): void;
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
  const addresses = () => gateway()?.gateways.trim().split(/\s+/).filter(Boolean) ?? [];
  /** The place of the address that answered last. */
  let turn = 0;
  const letGo = () => {
    if (access && access.rest.agent !== dialer.agent) access.rest.agent.destroy();
    access = null;
  };
  const stopListening = gateways.onChange(() => {
    known = null;
    turn = 0;
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

  /** Fails as the address that served last does: of that one it is news. */
  const askAny = async (endpoints: readonly Endpoint[], cluster: string): Promise<UpstreamAddress> => {
    const failures: unknown[] = [];
    for (let tried = 0; tried < endpoints.length; tried += 1) {
      const place = (turn + tried) % endpoints.length;
      try {
        const address = await ask(endpoints[place]!, cluster);
        turn = place;
        return address;
      } catch (error) {
        failures.push(error);
      }
    }
    throw failures[0];
  };

  return {
    get configured() {
      return addresses()[0] ?? null;
    },
    get cluster() {
      return gateway()?.cluster ?? null;
    },
    get lastSeenAt() {
      return lastSeenAt;
    },
    async resolve(signal) {
      signal?.throwIfAborted();
      const texts = addresses();
      const cluster = gateway()?.cluster;
      if (texts.length === 0 || cluster === undefined)
        throw new FieldlineError('UNAVAILABLE', 'Cluster Gateways are not configured: this site knows no HQ', {
          remedy: 'Set the upstream of this site (host:port of HQ)',
        });
      const trouble = gateways.trouble?.(cluster);
      if (trouble) throw trouble;
      const endpoints = texts.map((text) => {
        const endpoint = parseEndpoint(text);
        if (endpoint) return endpoint;
        throw new FieldlineError('CONFIG_INVALID', `The upstream is "${text}", which is not host:port`, {
          remedy: 'Set the upstream as host:port',
        });
      });
      if (known && clock.now() - known.askedAt < ADDRESS_AGE_MS_MAX) return known.address;
      // Replication and mirrors ask at the same time when the link comes back: one question serves both.
      if (!asking) {
        const current = askAny(endpoints, cluster).finally(() => {
          if (asking === current) asking = null;
        });
        asking = current;
      }
      return withSignal(asking, signal);
    },
    seen: () => {
      lastSeenAt = clock.now();
    },
    failed: () => {
      // A single address is asked for its doors once a minute, which spares the link.
      if (addresses().length > 1) known = null;
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
