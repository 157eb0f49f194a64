/** Settings with the files they name read. Each fails with CONFIG_INVALID, naming the file, when that can not be read. */
import { type FieldlineConfig, readSecret, type S3Config, type SaslConfig, type TlsConfig } from '@/lib/config';
import type { S3Settings } from '@/lib/s3';

export function s3Settings(config: FieldlineConfig, s3: S3Config): S3Settings {
  const { endpoint, region, bucket, pathStyle, accessKeyId, secretAccessKeyFile, caFile } = s3;
  return {
    endpoint,
    region,
    bucket,
    pathStyle,
    credentials: { accessKeyId, secretAccessKey: readSecret(config, secretAccessKeyFile) },
    ...(caFile !== undefined && { ca: readSecret(config, caFile) }),
  };
}

export function saslCredentials(config: FieldlineConfig, { mechanism, username, passwordFile }: SaslConfig) {
  return { mechanism, username, password: readSecret(config, passwordFile) };
}

export const tlsTrust = (config: FieldlineConfig, { caFile }: TlsConfig) =>
  caFile === undefined ? {} : { ca: readSecret(config, caFile) };
