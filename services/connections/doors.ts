/** What the drivers of a fabric need that are no ports: for checking, copying and removing. */
import type { ConnectionTarget, FieldlineConfig, SiteConfig } from '@/lib/config';
import { createKafkaCopy } from '@/lib/drivers/kafka/copy';
import { FieldlineError } from '@/lib/errors';
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

/** Whether two targets are one place, or have one of their engines in common: what is removed at one would be gone at the other. */
export function sharePlace({ fabric: one }: ConnectionTarget, { fabric: other }: ConnectionTarget): boolean {
  if (one.kind === 'kafka' && other.kind === 'kafka')
    return (
      sameStreams({ fabric: one }, { fabric: other }) ||
      (one.postgres.host === other.postgres.host &&
        one.postgres.port === other.postgres.port &&
        one.postgres.database === other.postgres.database) ||
      (one.s3.endpoint === other.s3.endpoint && one.s3.bucket === other.s3.bucket)
    );
  if (one.kind === 'datafabric' && other.kind === 'datafabric')
    return one.cluster === other.cluster || (one.host === other.host && one.adminPort === other.adminPort);
  return (
    sameStreams({ fabric: one }, { fabric: other }) ||
    (one.kind === 'embedded' && other.kind === 'embedded' && one.host === other.host && one.restPort === other.restPort)
  );
}

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
