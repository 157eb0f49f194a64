/**
 * The links port over the admin REST API of the edge's fabric: an embedded one, or an HPE Data Fabric cluster.
 *
 * What only an embedded fabric can (which topics a link carries, its figures, the conditioner) is announced by its dashboard/info. A
 * cluster replicates whole streams, and tells their state by `stream/replica/list`; that was tried against an embedded fabric with its
 * extensions hidden, not on a cluster.
 */
import { z } from 'zod';
import { errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import { HttpClient, type HttpClientOptions } from '@/lib/http';
import type { LinkConditions, LinkDirection, LinkDirectionName, LinkStatus, Links } from '@/lib/ports';
import { type AdminRow, adminCall } from '../admin-rest/client';
import { directionOf, withoutFigures } from './cluster-status';

const HQ_CLUSTER_DEFAULT = 'hq';
/** The fabric is next door; it does not ask HQ to answer these. */
const TOTAL_TIMEOUT_MS = 10_000;

/** As `cluster/gateway/set` takes it in its body. Never logged, never part of an error. */
export interface UpstreamSecurity {
  /** `ca`: PEM; the system's authorities when absent. `serverName`: in HQ's certificate, where that is not its host. */
  tls?: { ca?: string; serverName?: string };
  sasl?: { mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; username: string; password: string };
}

export interface AdminLinksOptions extends Pick<HttpClientOptions, 'auth' | 'ca' | 'serverName'> {
  /** The edge fabric's REST door. */
  baseUrl: string;
  mission: string;
  /** The edge's id: its cluster name. */
  site: string;
  /** HQ's cluster name. Default `hq`. */
  hqSite?: string;
  /** `host:port` of HQ's REST or Kafka door as the edge's fabric reaches it, of several brokers with spaces between; of a cluster's gateways, `host` or `host:port`. */
  upstream: string;
  /** TLS and credentials towards HQ; absent: neither. */
  upstreamSecurity?: UpstreamSecurity;
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
  // An earlier version of the fabric does not tell it.
  provenBytesPerSecond: z.number().nullable().default(null),
  conditions: z.object({ cut: z.boolean(), bytesPerSecond: z.number().nullable(), latencyMs: z.number() }).nullable(),
  asOf: z.number(),
});

/** Nothing is connected yet. */
export function createAdminLinks(options: AdminLinksOptions): Links {
  const { baseUrl, auth, ca, serverName } = options;
  const client = new HttpClient({ baseUrl, auth, ca, serverName, totalTimeoutMs: TOTAL_TIMEOUT_MS });
  return new AdminLinks(client, options);
}

class AdminLinks implements Links {
  readonly madeOf = 'gateway and replicas';
  readonly #client: HttpClient;
  readonly #options: AdminLinksOptions;
  readonly #cluster: string;
  /** The stream here, and the same at HQ. */
  readonly #local: string;
  readonly #remote: string;
  #extensions: Promise<ReadonlySet<string>> | null = null;
  #lastSeenAt: number | null = null;

  constructor(client: HttpClient, options: AdminLinksOptions) {
    this.#client = client;
    this.#options = options;
    this.#cluster = options.hqSite ?? HQ_CLUSTER_DEFAULT;
    this.#local = `/${options.mission}/replicated`;
    this.#remote = `/mapr/${this.#cluster}${this.#local}`;
  }

  async isDeclared(): Promise<boolean> {
    try {
      return (await this.#get('stream/replica/list', { path: this.#local })).length > 0;
    } catch (error) {
      if (isFieldlineError(error, 'NOT_FOUND')) return false;
      throw error;
    }
  }

  ensureLink(): Promise<void> {
    return this.#declare({});
  }

  /** A cluster has no words for it: there it is what `ensureLink` is. */
  async prepareLink(): Promise<void> {
    if (!(await this.#can('link.takeback'))) return this.ensureLink();
    await this.#declare({ paused: true });
    for (const direction of ['inbound', 'outbound'] as const) await this.pause(direction);
    await this.#post('link/takeback', { path: this.#local });
  }

  /** `paused`: what is set up newly. */
  async #declare(options: { paused?: true }): Promise<void> {
    await this.#ensureGateway();
    await this.#ignoring('CONFLICT', () => this.#post('stream/create', { path: this.#local }));
    const [out] = await this.#get('stream/replica/list', { path: this.#local });
    const [into] = await this.#replicaInto();
    const streams = { path: this.#local, replica: this.#remote };
    const inbound = this.#options.inbound.join(',');
    const outbound = this.#options.outbound.join(',');
    const pair = (await this.#can('stream.replica.topics')) ? { ...streams, inbound, outbound } : streams;
    if (!out || !into)
      // Somebody else may have been faster, and a cluster answers so whenever the streams are paired: DC_NOT_SUPPORTED says that it is there.
      await this.#ignoring('UNSUPPORTED', () =>
        this.#post('stream/replica/autosetup', { ...pair, ...options, multimaster: true }),
      );
    else if ('inbound' in pair && (out.topics !== outbound || into.topics !== inbound))
      await this.#post('stream/replica/edit', pair);
  }

  async status(): Promise<LinkStatus> {
    if (!(await this.#can('link.info'))) return this.#clusterStatus();
    const [row] = await this.#get('link/info', { path: this.#local });
    return StatusSchema.parse(row);
  }

  async pause(direction: LinkDirectionName): Promise<void> {
    await this.#post('stream/replica/pause', this.#pair(direction));
  }

  async resume(direction: LinkDirectionName): Promise<void> {
    await this.#post('stream/replica/resume', this.#pair(direction));
  }

  async bringAnew(): Promise<void> {
    if (!(await this.#can('link.anew')))
      throw new FieldlineError('UNSUPPORTED', 'This fabric can not bring a stream anew by itself', {
        remedy: 'Remove the replica, delete its topics, and set it up again with the tools of the cluster',
      });
    await this.#post('link/anew', { path: this.#local });
  }

  async setConditions({ cut, bytesPerSecond, latencyMs }: LinkConditions): Promise<void> {
    if (!(await this.#can('link.conditioner')))
      throw new FieldlineError('UNSUPPORTED', 'This fabric has no link conditioner');
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

  /** As far as a cluster tells it. HQ has answered when the stream there could be asked. */
  async #clusterStatus(): Promise<LinkStatus> {
    const parameters = { path: this.#local, refreshnow: 'true' };
    const [out] = await this.#get('stream/replica/list', parameters);
    if (!out) throw new FieldlineError('NOT_FOUND', `${this.#local} has no replica`);
    const now = Date.now();
    const outbound = directionOf(out, now);
    const inbound = await this.#clusterInbound(now);
    if (outbound.state === 'up' && outbound.lastError === null && outbound.lagRecords === 0) this.#lastSeenAt = now;
    return {
      inbound,
      outbound,
      upstream: this.#options.upstream,
      lastSeenAt: this.#lastSeenAt,
      estimatedBytesPerSecond: null,
      provenBytesPerSecond: null,
      conditions: null,
      asOf: now,
    };
  }

  /** HQ's side of the pair. Where it can not be asked, the local stream at least says whether it has an upstream. */
  async #clusterInbound(now: number): Promise<LinkDirection> {
    try {
      const [into] = await this.#replicaInto(true);
      if (into) {
        this.#lastSeenAt = now;
        return directionOf(into, now);
      }
    } catch (error) {
      if (!isFieldlineError(error, 'UNAVAILABLE', 'TIMEOUT', 'NOT_FOUND', 'PROTOCOL')) throw error;
      return withoutFigures('down', errorMessage(error), now);
    }
    const upstreams = await this.#get('stream/upstream/list', { path: this.#local });
    return upstreams.some((row) => row.cluster === this.#cluster)
      ? withoutFigures('connecting', `${this.#cluster} does not tell of its replica ${this.#local} yet`, now)
      : withoutFigures('failed', `${this.#local} has no upstream at ${this.#cluster}`, now);
  }

  /** The replica of HQ's stream that is this edge's: HQ has one for each edge. */
  async #replicaInto(refresh = false): Promise<AdminRow[]> {
    const rows = await this.#get('stream/replica/list', { path: this.#remote, refreshnow: String(refresh) });
    return rows.filter((row) => row.cluster === this.#options.site);
  }

  async #can(extension: string): Promise<boolean> {
    this.#extensions ??= this.#get('dashboard/info', {})
      .then(([row]) => new Set(Array.isArray(row?.extensions) ? row.extensions.map(String) : []))
      .catch((error: unknown) => {
        this.#extensions = null;
        throw error;
      });
    return (await this.#extensions).has(extension);
  }

  async #ensureGateway(): Promise<void> {
    const rows = await this.#get('cluster/gateway/list', {});
    const known = rows.find((row) => row.cluster === this.#cluster);
    const { upstream, upstreamSecurity: security } = this.#options;
    // Whether the secrets are the same is not told: they are set each time, which changes nothing when they are.
    const isOpen = known?.tls === undefined && known?.credentials === undefined;
    if (known?.gatewayConfig === upstream && isOpen && !security) return;
    if (security && !(await this.#can('gateway.security')))
      throw new FieldlineError('UNSUPPORTED', 'This fabric has no TLS or credentials of its own towards HQ');
    const parameters = { dstcluster: this.#cluster, gateways: upstream };
    await adminCall(this.#client, 'POST', 'cluster/gateway/set', parameters, { ...(security && { json: security }) });
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
