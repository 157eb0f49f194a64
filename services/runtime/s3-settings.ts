import { readSecretFile, type S3Config } from '@/lib/config';
import type { S3Settings } from '@/lib/s3';

/** A configured bucket with its secret read. Fails with CONFIG_INVALID, naming the file, when that can not be read. */
export function s3Settings(s3: S3Config): S3Settings {
  const { endpoint, region, bucket, pathStyle, accessKeyId, secretAccessKeyFile, caFile } = s3;
  return {
    endpoint,
    region,
    bucket,
    pathStyle,
    credentials: { accessKeyId, secretAccessKey: readSecretFile(secretAccessKeyFile) },
    ...(caFile !== undefined && { ca: readSecretFile(caFile) }),
  };
}
