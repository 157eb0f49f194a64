/** Settings with the files they name read. Each fails with CONFIG_INVALID, naming the file, when that can not be read. */
import { readSecretFile, type S3Config, type SaslConfig, type TlsConfig } from '@/lib/config';
import type { S3Settings } from '@/lib/s3';

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

export const saslCredentials = ({ mechanism, username, passwordFile }: SaslConfig) => ({
  mechanism,
  username,
  password: readSecretFile(passwordFile),
});

export const tlsTrust = ({ caFile }: TlsConfig) => (caFile === undefined ? {} : { ca: readSecretFile(caFile) });
