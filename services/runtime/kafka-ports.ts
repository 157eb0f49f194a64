import {
  type FieldlineConfig,
  type KafkaFabricConfig,
  readSecret,
  type SiteConfig,
  type TlsConfig,
} from '@/lib/config';
import { createKafkaStreams } from '@/lib/drivers/kafka';
import { createPostgresTables } from '@/lib/drivers/postgres';
import { createS3Volumes } from '@/lib/drivers/s3';
import type { SitePorts } from '@/lib/ports';
import { s3Settings } from './s3-settings';

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
      ...(sasl && {
        sasl: { mechanism: sasl.mechanism, username: sasl.username, password: readSecret(config, sasl.passwordFile) },
      }),
      ...(tls && { ssl: authorityOf(config, tls) }),
    }),
    tables: createPostgresTables({
      ...database,
      mission,
      // Read at each connection: a password that was changed is picked up without a restart.
      password: async () => readSecret(config, passwordFile),
      ...(postgresTls && { tls: authorityOf(config, postgresTls) }),
    }),
    volumes: createS3Volumes({ ...s3Settings(config, s3), mission }),
    // The edge owns the link.
    links: null,
  };
}

const authorityOf = (config: FieldlineConfig, { caFile }: TlsConfig) =>
  caFile === undefined ? {} : { ca: readSecret(config, caFile) };
