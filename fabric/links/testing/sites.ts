/** Real logs and Kafka doors in this process, for the tests of links: HQ with a door, edges that dial it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type KafkaDoor, startKafkaDoor } from '@/fabric/kafka';
import { buildBatch, type NewRecord } from '@/fabric/kafka/records';
import { type LogStore, openTopicStore } from '@/fabric/log';
import { createDialer } from '../line/dialer';
import { type FabricLinks, openLinks } from '../links';
import type { LinkSecurity } from '../security';
import type { Dialer } from '../types';
import { createUpstream, type GatewaySource, type UpstreamControl } from '../upstream';

export const STREAM = '/m/replicated';
export const PREFIX = 'm.replicated.';
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

export async function makeDirectory(): Promise<{ directory: string; remove: () => Promise<void> }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'fieldline-links-'));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** HQ: topics, and a Kafka door on a port that stays the same over restarts. */
export class Headquarters {
  store!: LogStore;
  #door: KafkaDoor | null = null;
  #port = 0;

  constructor(
    readonly directory: string,
    /** `host:port` of a REST door, to be told by the Kafka door. */
    readonly restAddress?: string,
  ) {}

  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  async start(): Promise<this> {
    this.store = await openTopicStore(path.join(this.directory, 'topics'), { log: quiet });
    this.#door = await startKafkaDoor({
      store: this.store,
      directory: path.join(this.directory, 'groups'),
      host: '127.0.0.1',
      port: this.#port,
      advertisedHost: '127.0.0.1',
      restAddress: this.restAddress,
      log: quiet,
    });
    this.#port = this.#door.port;
    return this;
  }

  /** What a group has committed, as the admin door and HQ's services see it. */
  committed(group: string) {
    return this.#door!.groupOffsets.committed(group);
  }

  async stop(): Promise<void> {
    await this.#door?.close();
    this.#door = null;
    await this.store.close();
  }
}

/** An edge: topics and links. */
export class Edge {
  store!: LogStore;
  links!: FabricLinks;
  dialer!: Dialer;
  upstream!: UpstreamControl;

  constructor(
    readonly id: string,
    readonly directory: string,
    readonly address: () => string,
    readonly security: LinkSecurity = {},
  ) {}

  async start(): Promise<this> {
    this.store = await openTopicStore(path.join(this.directory, 'topics'), { log: quiet });
    this.dialer = createDialer();
    const gateways: GatewaySource = {
      list: () => [{ cluster: 'hq', gateways: this.address(), security: this.security }],
      onChange: () => () => undefined,
    };
    this.upstream = createUpstream({ dialer: this.dialer, gateways });
    this.links = await openLinks({
      directory: path.join(this.directory, 'links'),
      siteId: this.id,
      store: this.store,
      dialer: this.dialer,
      upstream: this.upstream,
      log: quiet,
    });
    return this;
  }

  declare(patterns: { inbound?: string[]; outbound?: string[] }): Promise<void> {
    return this.links.declare({ path: STREAM, cluster: 'hq', replicaPath: STREAM, ...patterns });
  }

  status() {
    return this.links.status(STREAM);
  }

  async stop(): Promise<void> {
    await this.links.close();
    this.upstream.close();
    await this.store.close();
  }
}

/** One batch of records with these values, as a producer sends it. */
export function batchOf(values: readonly string[], timestamp = Date.now()): Buffer {
  const records: NewRecord[] = values.map((value) => ({ key: Buffer.from('k'), value: Buffer.from(value), timestamp }));
  return buildBatch(records);
}
