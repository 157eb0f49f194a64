import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { FieldlineError } from '@/lib/errors';
import type { S3Settings } from './settings';

/** Connections to the server at once. */
const SOCKETS_MAX = 32;
/** Holds the wait for one of those too. */
const CONNECT_TIMEOUT_MS = 30_000;

export interface S3ClientOptions {
  /** Longest silence in an answer, in ms. */
  idleTimeoutMs: number;
  /** How often a call is made before its error is believed; 1 where the caller has retries of its own. */
  attemptsMax: number;
  /** Instead of agents of its own, e.g. those of a dialer, which has a timeout of its own. Never `close` a bucket that shares them. */
  agents?: { http: HttpAgent; https: HttpsAgent };
}

/** The SDK would print to the console when many requests wait for a connection. That they wait is how they are bounded. */
const ignore = () => undefined;
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };

/** Fails with CONFIG_INVALID on an endpoint that is no address. Nothing is connected yet. */
export function createS3Client(settings: S3Settings, options: S3ClientOptions): S3Client {
  if (!URL.canParse(settings.endpoint) || !/^https?:$/.test(new URL(settings.endpoint).protocol))
    throw new FieldlineError('CONFIG_INVALID', `"${settings.endpoint}" is not the address of an S3 server`, {
      remedy: 'Give it as https://host:port or http://host:port',
    });
  return new S3Client({
    endpoint: settings.endpoint,
    region: settings.region,
    forcePathStyle: settings.pathStyle,
    credentials: settings.credentials,
    maxAttempts: options.attemptsMax,
    // Servers of other makers do not know the newer trailing checksums; a buffer's SHA-256 is signed, and files have their own digest.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: new NodeHttpHandler({
      connectionTimeout: options.agents ? undefined : CONNECT_TIMEOUT_MS,
      socketTimeout: options.idleTimeoutMs,
      logger: silent,
      httpAgent: options.agents?.http ?? new HttpAgent({ keepAlive: true, maxSockets: SOCKETS_MAX }),
      httpsAgent:
        options.agents?.https ?? new HttpsAgent({ keepAlive: true, maxSockets: SOCKETS_MAX, ca: settings.ca }),
    }),
  });
}
