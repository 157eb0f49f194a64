/** The links port over the admin REST API of the edge's embedded fabric. */
import { z } from 'zod';
import { isFieldlineError } from '@/lib/errors';
import { HttpClient, type HttpClientOptions } from '@/lib/http';
import type { LinkConditions, LinkDirectionName, LinkStatus, Links } from '@/lib/ports';
import { type AdminRow, adminCall } from '../admin-rest/client';

const HQ_CLUSTER_DEFAULT = 'hq';
/** The fabric is next door; it does not ask HQ to answer these. */
const TOTAL_TIMEOUT_MS = 10_000;

export interface AdminLinksOptions extends Pick<HttpClientOptions, 'auth' | 'ca'> {
  /** The edge fabric's REST door. */
  baseUrl: string;
  mission: string;
  /** The edge's id: its cluster name. */
  site: string;
  /** HQ's cluster name. Default `hq`. */
  hqSite?: string;
  /** `host:port` of HQ's REST or Kafka door as the edge's fabric reaches it. */
  upstream: string;
  /** Topics, or patterns with `*`, of the stream `replicated` that HQ writes and that this edge writes. */
  inbound: readonly string[];
  outbound: readonly string[];
}

const DirectionSchema = z.object({
  state: z.enum(['up', 'paused', 'connecting', 'down', 'failed']),
  lagRecords: z.number().nullable(),
  lagBytes: z.number().nullable(),
  lagMs: z.number().nullable(),
  recordsTotal: z.number(),
  bytesTotal: z.number(),
  lastError: z.string().nullable(),
  lastErrorAt: z.number().nullable(),
});
const StatusSchema = z.object({
  inbound: DirectionSchema,
  outbound: DirectionSchema,
  upstream: z.string(),
  lastSeenAt: z.number().nullable(),
  estimatedBytesPerSecond: z.number().nullable(),
  conditions: z.object({ cut: z.boolean(), bytesPerSecond: z.number().nullable(), latencyMs: z.number() }).nullable(),
  asOf: z.number(),
});

/** Nothing is connected yet. */
export function createAdminLinks(options: AdminLinksOptions): Links {
  const { baseUrl, auth, ca } = options;
  const client = new HttpClient({ baseUrl, auth, ca, totalTimeoutMs: TOTAL_TIMEOUT_MS });
  return new AdminLinks(client, options);
}

class AdminLinks implements Links {
  readonly #client: HttpClient;
  readonly #options: AdminLinksOptions;
  readonly #cluster: string;
  /** The stream here, and the same at HQ. */
  readonly #local: string;
  readonly #remote: string;

  constructor(client: HttpClient, options: AdminLinksOptions) {
    this.#client = client;
    this.#options = options;
    this.#cluster = options.hqSite ?? HQ_CLUSTER_DEFAULT;
    this.#local = `/${options.mission}/replicated`;
    this.#remote = `/mapr/${this.#cluster}${this.#local}`;
  }

  async ensureLink(): Promise<void> {
    await this.#ensureGateway();
    await this.#ignoring('CONFLICT', () => this.#post('stream/create', { path: this.#local }));
    const inbound = this.#options.inbound.join(',');
    const outbound = this.#options.outbound.join(',');
    const [out] = await this.#get('stream/replica/list', { path: this.#local });
    const [into] = await this.#get('stream/replica/list', { path: this.#remote });
    const pair = { path: this.#local, replica: this.#remote, inbound, outbound };
    if (!out || !into)
      // Somebody else may have been faster; DC_NOT_SUPPORTED then says that it is there.
      await this.#ignoring('UNSUPPORTED', () => this.#post('stream/replica/autosetup', { ...pair, multimaster: true }));
    else if (out.topics !== outbound || into.topics !== inbound) await this.#post('stream/replica/edit', pair);
  }

  async status(): Promise<LinkStatus> {
    const [row] = await this.#get('link/info', { path: this.#local });
    return StatusSchema.parse(row);
  }

  async pause(direction: LinkDirectionName): Promise<void> {
    await this.#post('stream/replica/pause', this.#pair(direction));
  }

  async resume(direction: LinkDirectionName): Promise<void> {
    await this.#post('stream/replica/resume', this.#pair(direction));
  }

  async setConditions({ cut, bytesPerSecond, latencyMs }: LinkConditions): Promise<void> {
    await this.#post('link/conditioner/set', { cut, bytesPerSecond: bytesPerSecond ?? 0, latencyMs });
  }

  async close(): Promise<void> {
    this.#client.close();
  }

  /** From source to target. */
  #pair(direction: LinkDirectionName): { path: string; replica: string } {
    return direction === 'outbound'
      ? { path: this.#local, replica: this.#remote }
      : { path: this.#remote, replica: this.#local };
  }

  async #ensureGateway(): Promise<void> {
    const rows = await this.#get('cluster/gateway/list', {});
    const known = rows.find((row) => row.cluster === this.#cluster);
    if (known?.gatewayConfig === this.#options.upstream) return;
    await this.#post('cluster/gateway/set', { dstcluster: this.#cluster, gateways: this.#options.upstream });
  }

  async #ignoring(code: 'CONFLICT' | 'UNSUPPORTED', call: () => Promise<unknown>): Promise<void> {
    try {
      await call();
    } catch (error) {
      if (!isFieldlineError(error, code)) throw error;
    }
  }

  #get(command: string, parameters: Record<string, string>): Promise<AdminRow[]> {
    return adminCall(this.#client, 'GET', command, parameters);
  }

  #post(command: string, parameters: Record<string, string | number | boolean>): Promise<AdminRow[]> {
    return adminCall(this.#client, 'POST', command, parameters);
  }
}
