/** A bucket as an operator names it. */
export interface S3Settings {
  /** Scheme, host and port: `https://s3.eu-central-1.amazonaws.com`, `http://minio.example:9000`. */
  endpoint: string;
  /** What requests are signed for; servers of one's own mostly want `us-east-1`. */
  region: string;
  bucket: string;
  /** True: `endpoint/bucket/key`. False: `bucket.endpoint/key`, which needs a name (and a certificate) for each bucket. */
  pathStyle: boolean;
  /** Never logged, never part of an error. */
  credentials: S3Credentials;
  /** PEM of the authority that signed the server's certificate; the system's authorities when absent. Verification is never switched off. */
  ca?: string | Buffer;
}

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
}
