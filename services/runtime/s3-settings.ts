import { type FieldlineConfig, readSecret, type S3Config } from '@/lib/config';
import type { S3Settings } from '@/lib/s3';

/** A configured bucket with its secret read. Fails with CONFIG_INVALID, naming the file, when that can not be read. */
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
