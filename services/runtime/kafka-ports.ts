import { type FieldlineConfig, type KafkaFabricConfig, readSecret, type SiteConfig } from '@/lib/config';
import { createKafkaStreams } from '@/lib/drivers/kafka';
import { createPostgresTables } from '@/lib/drivers/postgres';
import { createS3Volumes } from '@/lib/drivers/s3';
import type { SitePorts } from '@/lib/ports';
import { s3Settings, saslCredentials, tlsTrust } from './secrets';

/**
 * The ports of HQ on Apache Kafka, PostgreSQL and S3. Nothing is connected yet. Fails with CONFIG_INVALID, naming the file, when a secret
 * can not be read.
 */
export function createKafkaPorts(config: FieldlineConfig, site: SiteConfig, fabric: KafkaFabricConfig): SitePorts {
  const { mission } = config;
  const { sasl, tls, postgres, s3 } = fabric;
  const { passwordFile, tls: postgresTls, ...database } = postgres;
  return {
    streams: createKafkaStreams({
      brokers: fabric.brokers,
      mission,
      clientId: `fieldline-${site.id}`,
      replicationFactor: fabric.replicationFactor,
      ...(sasl && { sasl: saslCredentials(config, sasl) }),
      ...(tls && { ssl: tlsTrust(config, tls) }),
    }),
    tables: createPostgresTables({
      ...database,
      mission,
      // Read at each connection: a password that was changed is picked up without a restart.
      password: async () => readSecret(config, passwordFile),
      ...(postgresTls && { tls: tlsTrust(config, postgresTls) }),
    }),
    volumes: createS3Volumes({ ...s3Settings(config, s3), mission }),
    // The edge owns the link.
    links: null,
  };
}
