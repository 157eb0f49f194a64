/** Where other clusters are reached: `cluster/gateway/set`. The link's upstream reads it. */
import type { FieldlineError } from '@/lib/errors';
import type { Sealer } from '@/lib/secrets';
import type { LinkSecurity } from '../links/security';
import { SealedRecords } from '../state/sealed-records';

export interface Gateway {
  /** The other cluster (`dstcluster`). */
  cluster: string;
  /** `host:port`, several separated by spaces. */
  gateways: string;
  /** Absent: neither TLS nor credentials. Sealed in the file. */
  security?: LinkSecurity;
}

export interface GatewayStore {
  list(): readonly Gateway[];
  get(cluster: string): Gateway | undefined;
  /** Why the security of a gateway is not there: the gateway must not be used then. */
  trouble(cluster: string): FieldlineError | undefined;
  /** A sentence for each such gateway. */
  troubles(): string[];
  /** Durable when it resolves. */
  set(gateway: Gateway): Promise<void>;
  /** True when there was one. */
  delete(cluster: string): Promise<boolean>;
  /** Calls back after every change. Returns the unsubscriber. */
  onChange(listener: () => void): () => void;
}

export async function openGateways(file: string, sealer: Sealer): Promise<GatewayStore> {
  const stored = await SealedRecords.open<Gateway>({ file, secret: 'security', title: 'gateway', sealer });
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  return {
    list: () => stored.list(),
    get: (cluster) => stored.get(cluster),
    trouble: (cluster) => stored.trouble(cluster),
    troubles: () => stored.troubles(),
    async set(gateway) {
      if (await stored.set(gateway)) tell();
    },
    async delete(cluster) {
      const wasThere = await stored.delete(cluster);
      if (wasThere) tell();
      return wasThere;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
