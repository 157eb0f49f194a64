/** The embedded formats of keys and values: `binary` (base64) and `json`. */
import type { IncomingMessage } from 'node:http';
import { refusal } from './errors';

export type Format = 'binary' | 'json';

export const ANSWER_TYPE = 'application/vnd.kafka.v2+json';
const EMBEDDED_TYPE = /^application\/vnd\.kafka\.(binary|json)\.v2\+json$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const mediaType = (format: Format) => `application/vnd.kafka.${format}.v2+json`;

/** The format that the content type of a produce request names. Fails with MEDIA_TYPE_UNSUPPORTED. */
export function formatOfBody(request: IncomingMessage): Format {
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const format = EMBEDDED_TYPE.exec(type)?.[1];
  if (format) return format as Format;
  throw refusal('mediaType', `Content-Type has to be ${mediaType('json')} or ${mediaType('binary')}, not "${type}"`);
}

/** Whether a client that sends this Accept header takes records of the format. */
export function accepts(request: IncomingMessage, format: Format): boolean {
  const accepted = (request.headers.accept ?? '*/*').split(',').map((part) => part.split(';')[0]!.trim().toLowerCase());
  const embedded = accepted.filter((type) => EMBEDDED_TYPE.test(type));
  return embedded.length > 0
    ? embedded.includes(mediaType(format))
    : accepted.some((type) => ['*/*', 'application/*', 'application/json', ANSWER_TYPE].includes(type));
}

/** A key or value of a produce request as bytes. Fails with REQUEST_INVALID. */
export function decodeEmbedded(format: Format, value: unknown): Buffer | null {
  if (value === null || value === undefined) return null;
  if (format === 'json') return Buffer.from(JSON.stringify(value));
  if (typeof value === 'string' && BASE64.test(value)) return Buffer.from(value, 'base64');
  throw refusal('invalid', 'Keys and values of the binary format have to be base64 strings');
}

/** A key or value of a record for an answer. Fails where the bytes are no JSON. */
export function encodeEmbedded(format: Format, bytes: Buffer | null, where: string): unknown {
  if (bytes === null) return null;
  if (format === 'binary') return bytes.toString('base64');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw refusal('kafka', `${where} is no JSON: read it with the binary format (${(cause as Error).message})`);
  }
}
