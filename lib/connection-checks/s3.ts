import { randomUUID } from 'node:crypto';
import { isFieldlineError } from '../errors';
import { S3Bucket } from '../s3/bucket';
import type { S3Settings } from '../s3/settings';
import { CheckFailure } from './reasons';
import { checkHttp } from './rest';

const IDLE_MS_MAX = 8_000;

/**
 * The volumes door: that it is an object store, accepts the credentials, has the bucket, and lets the mission write and delete in it.
 * Leaves nothing behind. Fails with a CheckFailure, or as the driver does.
 */
export async function checkS3(
  settings: S3Settings,
  mission: string,
  options: { readOnly?: boolean } = {},
): Promise<void> {
  const ca = settings.ca === undefined ? undefined : String(settings.ca);
  await checkHttp({ baseUrl: settings.endpoint, ca }, 'an object store');
  const bucket = new S3Bucket(settings, { idleTimeoutMs: IDLE_MS_MAX, attemptsMax: 1 });
  try {
    await bucket.check();
    if (options.readOnly) return;
    const key = `${mission}.check/${randomUUID()}`;
    await bucket.put(key, Buffer.from('written by a test of the connection'));
    await bucket.remove(key);
  } catch (error) {
    if (isFieldlineError(error, 'NOT_FOUND') && /no bucket/.test(error.message))
      throw new CheckFailure('bucket-missing', error.message, error.remedy ?? null);
    throw isFieldlineError(error, 'NOT_FOUND')
      ? new CheckFailure(
          'wrong-service',
          `${new URL(settings.endpoint).host} does not answer as an object store does: ${error.message}`,
        )
      : error;
  } finally {
    bucket.close();
  }
}
