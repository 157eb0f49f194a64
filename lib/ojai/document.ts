import { type ErrorCode, FieldlineError } from '@/lib/errors';
import { normalize, type OjaiMap } from './values';

/** Document ids are path segments of URLs, which servers cut at a few KiB. */
export const DOCUMENT_ID_LENGTH_MAX = 1000;

/** No UTF-8 text can hold one, so two ids could become the same. */
const LONE_SURROGATE = /\p{Cs}/u;

export type OjaiDocument = OjaiMap & { _id: string };

/** Fails with REQUEST_INVALID: ids are strings of 1 to DOCUMENT_ID_LENGTH_MAX characters, without NUL. */
export function checkDocumentId(id: unknown): string {
  if (
    typeof id !== 'string' ||
    id === '' ||
    id.length > DOCUMENT_ID_LENGTH_MAX ||
    id.includes('\0') ||
    LONE_SURROGATE.test(id)
  )
    throw new FieldlineError(
      'REQUEST_INVALID',
      `A document's "_id" is a string of 1 to ${DOCUMENT_ID_LENGTH_MAX} characters, not ${JSON.stringify(id)?.slice(0, 60)}`,
    );
  return id;
}

/** Checks a parsed JSON value to be a document and normalises it (see values.ts), `_id` first. Fails with `code`. */
export function normalizeDocument(json: unknown, code: ErrorCode = 'REQUEST_INVALID'): OjaiDocument {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FieldlineError(code, 'A document is a JSON object');
  const id = checkDocumentId((json as Record<string, unknown>)._id);
  const map = normalize(json, `The document ${JSON.stringify(id)}`, code) as OjaiMap;
  // Nearly all have it first already, and a copy of each would cost more than checking it.
  return Object.keys(map)[0] === '_id' ? (map as OjaiDocument) : { _id: id, ...map };
}
