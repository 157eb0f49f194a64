import { errorMessage, FieldlineError } from '@/lib/errors';
import { connectionError } from '@/lib/http';
import type { S3Settings } from './settings';

/** What an SDK error carries besides its message. */
interface ServiceError {
  name?: string;
  $metadata?: { httpStatusCode?: number };
}

/** Names of the S3 API, "List of error codes"; those with X are MinIO's and versitygw's. */
const WRONG_KEYS = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidToken',
  'ExpiredToken',
  'XAdminUserNotFound',
]);
const OTHER_REGION = new Set([
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
]);
/** What the SDK calls an answer that does not say what is wrong. */
const NAMELESS = new Set(['Unknown', 'UnknownError', '403']);
const FULL = /quota|storagefull|insufficientstorage|nospace|diskfull/i;

/** The HTTP status of a failed call; undefined when there was no answer. */
export const statusOf = (error: unknown) => (error as ServiceError).$metadata?.httpStatusCode;
const nameOf = (error: unknown) => (error as ServiceError).name ?? '';

/** True for an answer that the object is not there; a bucket that is not there is no such answer where the server tells them apart. */
export const isMissingObject = (error: unknown) => statusOf(error) === 404 && nameOf(error) !== 'NoSuchBucket';

/** A failed call in words: what failed, why, and what a person can do. `what` continues "S3 at host: ", e.g. `reading "a/b"`. */
export function s3Error(error: unknown, settings: S3Settings, what: string): FieldlineError {
  if (error instanceof FieldlineError) return error;
  const url = new URL(settings.endpoint);
  const where = `S3 at ${url.host}`;
  const status = statusOf(error);
  const name = nameOf(error);
  if (name === 'AbortError') return new FieldlineError('ABORTED', `${where}: ${what} was given up`, { cause: error });
  if (name === 'TimeoutError')
    return new FieldlineError('TIMEOUT', `${where} did not answer in time: ${what}`, { cause: error });
  if (status === undefined) return underlying(error) ?? connectionError(error, url);
  const details = { host: url.host, status, s3: name };
  if (name === 'NoSuchBucket')
    return new FieldlineError('NOT_FOUND', `${where} has no bucket "${settings.bucket}"`, {
      cause: error,
      remedy: 'Create the bucket, or correct its name',
      details,
    });
  if (WRONG_KEYS.has(name))
    return new FieldlineError('AUTH_FAILED', `${where} does not accept the access key or its secret (${name})`, {
      cause: error,
      remedy: 'Correct the credentials of the object store',
      details,
    });
  if (name === 'RequestTimeTooSkewed')
    return new FieldlineError('AUTH_FAILED', `The clock of this machine and that of ${where} differ too much`, {
      cause: error,
      remedy: 'Set the clocks',
      details,
    });
  if (OTHER_REGION.has(name) || status === 301)
    return new FieldlineError('CONFIG_INVALID', `The bucket "${settings.bucket}" is not in region ${settings.region}`, {
      cause: error,
      remedy: 'Correct the region or the endpoint of the object store',
      details,
    });
  if (status === 507 || FULL.test(name))
    return new FieldlineError('DISK_FULL', `${where} has no room left in "${settings.bucket}" (${name}): ${what}`, {
      cause: error,
      remedy: 'Free some space there or raise the quota',
      details,
    });
  // The answer to a HEAD has no body that could say which.
  if (status === 403 && NAMELESS.has(name))
    return new FieldlineError(
      'FORBIDDEN',
      `${where} does not accept the access key or its secret, or does not allow them this in "${settings.bucket}": ${what}`,
      {
        cause: error,
        remedy:
          'Correct the credentials of the object store, or give the access key the rights that it needs in the bucket',
        details,
      },
    );
  if (status === 401 || status === 403)
    return new FieldlineError('FORBIDDEN', `${where} does not allow this in "${settings.bucket}": ${what}`, {
      cause: error,
      remedy:
        'Give the access key that right: in the bucket of its own site to list, read, write and delete; in that of HQ, for an edge, to list and read',
      details,
    });
  const said = `${where} answered ${status} (${name}): ${what}`;
  if (status >= 500 || status === 429 || status === 408)
    return new FieldlineError('UNAVAILABLE', said, { cause: error, details });
  return new FieldlineError(status === 404 ? 'NOT_FOUND' : 'PROTOCOL', `${said}: ${errorMessage(error)}`, {
    cause: error,
    details,
  });
}

/** An agent that goes through a dialer fails in words already; the SDK may wrap them. */
function underlying(error: unknown): FieldlineError | null {
  for (let depth = 0, at = error; depth < 4 && at instanceof Error; depth++, at = at.cause)
    if (at instanceof FieldlineError) return at;
  return null;
}
