/** What the drivers of a fabric need that are no ports: for checking, copying and removing. */
import type { ConnectionTarget, FieldlineConfig, SiteConfig } from '@/lib/config';
import { createKafkaCopy } from '@/lib/drivers/kafka/copy';
import { FieldlineError } from '@/lib/errors';
import type { Inventory } from '@/lib/ports/inventory';
import type { StreamCopy } from '@/lib/ports/stream-copy';
import { embeddedKafkaOptions } from '../runtime/embedded-ports';
import { kafkaOptions } from '../runtime/kafka-ports';

/** Why everything at a site can not be taken from one target to another; null: it can. */
export function moveTrouble(site: SiteConfig, from: ConnectionTarget, to: ConnectionTarget): string | null {
  if (site.role !== 'hq')
    return 'An edge is not moved: put to use elsewhere, it begins with what HQ has announced, and asks for files anew';
  if (from.fabric.kind === 'datafabric' || to.fabric.kind === 'datafabric')
    return 'Streams can not be taken to or from HPE Data Fabric at the same offsets';
  if (sameStreams(from, to)) return 'The draft has the same streams as what is in use: put it to use instead';
  return null;
}

/** Things of one kind, and every address of the place where they are. */
export interface Place {
  what: Inventory['what'];
  at: string[];
}

/** Where the things of a mission are on a target, in the order in which they are removed. */
export function placesOf({ fabric }: ConnectionTarget): Place[] {
  if (fabric.kind === 'kafka') {
    const { brokers, connect, postgres, s3 } = fabric;
    return [
      ...(connect ? [{ what: 'connectors' as const, at: [new URL(connect.url).host] }] : []),
      { what: 'topics', at: brokers },
      { what: 'consumer groups', at: brokers },
      { what: 'tables', at: [`${postgres.host}:${postgres.port}/${postgres.database}`] },
      { what: 'volumes', at: [`${s3.endpoint}/${s3.bucket}`] },
    ];
  }
  const at =
    fabric.kind === 'embedded'
      ? [`kafka ${fabric.host}:${fabric.kafkaPort}`, `rest ${fabric.host}:${fabric.restPort}`]
      : [`cluster ${fabric.cluster}`, `admin ${fabric.host}:${fabric.adminPort}`];
  return (['links', 'streams', 'tables', 'volumes'] as const).map((what) => ({ what, at }));
}

export const isSamePlace = (one: { what: string; at: string[] }, other: { what: string; at: string[] }): boolean =>
  one.what === other.what && one.at.some((address) => other.at.includes(address));

/** Whether two targets are one place, or have one of their engines in common: what is removed at one would be gone at the other. */
export const sharePlace = (one: ConnectionTarget, other: ConnectionTarget): boolean =>
  placesOf(one).some((place) => placesOf(other).some((there) => isSamePlace(place, there)));

/** Whether two targets have the same topics. */
export function sameStreams({ fabric: one }: ConnectionTarget, { fabric: other }: ConnectionTarget): boolean {
  if (one.kind === 'kafka' && other.kind === 'kafka')
    return one.brokers.some((broker) => other.brokers.includes(broker));
  if (one.kind === 'embedded' && other.kind === 'embedded')
    return one.host === other.host && one.kafkaPort === other.kafkaPort;
  return false;
}

/** Fails with UNSUPPORTED on HPE Data Fabric. */
export function createStreamCopy(config: FieldlineConfig, { id, fabric }: SiteConfig): StreamCopy {
  if (fabric.kind === 'embedded') return createKafkaCopy(embeddedKafkaOptions(config, id, fabric));
  if (fabric.kind === 'kafka') return createKafkaCopy(kafkaOptions(config, id, fabric));
  throw new FieldlineError('UNSUPPORTED', 'The streams of HPE Data Fabric can not be copied');
}
