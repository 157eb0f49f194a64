/** Where other clusters are reached: `cluster/gateway/set`. The link's upstream reads it. */
import { isDeepStrictEqual } from 'node:util';
import { FieldlineError } from '@/lib/errors';
import type { LinkSecurity } from '../links/security';
import { JsonFile } from '../state/json-file';

/** An edge has one upstream; a handful is plenty. */
const GATEWAYS_MAX = 100;
/** Its owner alone may read the file: it holds credentials. */
const MODE = 0o600;

export interface Gateway {
  /** The other cluster (`dstcluster`). */
  cluster: string;
  /** `host:port`, several separated by spaces. */
  gateways: string;
  /** Absent: neither TLS nor credentials. */
  security?: LinkSecurity;
}

export interface GatewayStore {
  list(): readonly Gateway[];
  get(cluster: string): Gateway | undefined;
  /** Durable when it resolves. */
  set(gateway: Gateway): Promise<void>;
  /** True when there was one. */
  delete(cluster: string): Promise<boolean>;
  /** Calls back after every change. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
}

export async function openGateways(file: string): Promise<GatewayStore> {
  const stored = await JsonFile.open<Gateway[]>(file, [], MODE);
  const listeners = new Set<() => void>();
  const change = async (next: Gateway[]) => {
    await stored.update(() => next);
    for (const listener of listeners) listener();
  };
  const others = (cluster: string) => stored.value.filter((gateway) => gateway.cluster !== cluster);
  const get = (cluster: string) => stored.value.find((gateway) => gateway.cluster === cluster);

  return {
    list: () => stored.value,
    get,
    async set(gateway) {
      if (isDeepStrictEqual(get(gateway.cluster), gateway)) return;
      if (others(gateway.cluster).length >= GATEWAYS_MAX)
        throw new FieldlineError('CONFLICT', `Gateways of ${GATEWAYS_MAX} clusters are set already`);
      await change([...others(gateway.cluster), gateway]);
    },
    async delete(cluster) {
      if (!get(cluster)) return false;
      await change(others(cluster));
      return true;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
