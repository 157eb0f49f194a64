/** A real S3 server and buckets of it, for the tests of what speaks S3. */
import { randomUUID } from 'node:crypto';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { engine } from '@/scripts/engines/provision.mjs';
import { startS3 } from '@/scripts/engines/s3.mjs';
import { S3Bucket } from '../bucket';
import type { S3Settings } from '../settings';

/** Null: it can be had; otherwise why not. */
export const noS3Because: string | null = engine('s3').why;

export type S3Server = Awaited<ReturnType<typeof startS3>>;

/** The settings of a bucket that nobody else uses. */
export function bucketOf(server: S3Server, bucket = `test-${randomUUID()}`): S3Settings {
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  return { endpoint, region, bucket, pathStyle: true, credentials: { accessKeyId, secretAccessKey } };
}

/** For what a test does to a bucket besides the driver. */
export function openBucket(settings: S3Settings, http = new HttpAgent({ keepAlive: true })): S3Bucket {
  return new S3Bucket(settings, { idleTimeoutMs: 30_000, attemptsMax: 1, agents: { http, https: new HttpsAgent() } });
}

/** A new bucket, opened: to be closed by the test. */
export async function makeBucket(server: S3Server, name?: string): Promise<{ settings: S3Settings; bucket: S3Bucket }> {
  const settings = bucketOf(server, name);
  const bucket = openBucket(settings);
  await bucket.client.send(new CreateBucketCommand({ Bucket: settings.bucket }));
  return { settings, bucket };
}

/** A new bucket of this name, for a test that opens none itself. */
export async function nameBucket(server: S3Server, name: string): Promise<void> {
  (await makeBucket(server, name)).bucket.close();
}

export { startS3 };
