/**
 * Documents as rows. Most are in `doc` (JSONB), which SQL judges exactly as lib/ojai does. Those that JSONB can not hold (NUL and lone
 * surrogates in text), that SQL would judge differently (type tags), or that an index can not hold (long values of indexed fields) are
 * special: their JSON text is in `raw`, `doc` is empty, and lib/ojai alone judges them. Fieldline's own rows are never special.
 */
import { FieldlineError } from '@/lib/errors';
import {
  cloneValue,
  normalizeDocument,
  type OjaiDocument,
  type OjaiValue,
  stripTags,
  tagOf,
  valueAt,
} from '@/lib/ojai';
import type { JsonDocument } from '@/lib/ports';
import type { IndexPlan } from './indexes';

export interface StoredRow {
  id: string;
  doc: OjaiDocument;
  raw: string | null;
}
/** What is written: `doc` and `raw` as text. */
export interface EncodedRow {
  id: string;
  doc: string;
  raw: string | null;
}

/** A B-tree entry has at most 2704 bytes (PostgreSQL documentation, "B-Tree Indexes"); these two together stay below. */
const ID_BYTES_MAX = 1500;
const INDEXED_BYTES_MAX = 1000;
/** NUL or a lone surrogate, as JSON.stringify writes them. A needless hit only costs speed. */
const AWKWARD_ESCAPE = /\\u0000|\\ud[89a-f]/;
const NO_JSONB = '{}';

/** Whether a string arrives in PostgreSQL unchanged. */
export const isPlainText = (text: string): boolean => !text.includes('\0') && !/\p{Cs}/u.test(text);

export function holdsTags(value: OjaiValue): boolean {
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(holdsTags);
  return tagOf(value) !== undefined || Object.values(value).some(holdsTags);
}

/** Checks a caller's document as the gateway does, and copies it. Fails with REQUEST_INVALID. */
export function checked(document: JsonDocument): OjaiDocument {
  const copy = normalizeDocument(JSON.parse(JSON.stringify(document)));
  if (Buffer.byteLength(copy._id) > ID_BYTES_MAX)
    throw new FieldlineError('REQUEST_INVALID', `A document's "_id" has at most ${ID_BYTES_MAX} bytes on PostgreSQL`);
  return copy;
}

export function encode(document: OjaiDocument, plan: IndexPlan): EncodedRow {
  const text = JSON.stringify(document);
  const special =
    AWKWARD_ESCAPE.test(text) ||
    holdsTags(document) ||
    plan.paths.some((path) => {
      const value = valueAt(document, path.segments);
      return value !== undefined && Buffer.byteLength(JSON.stringify(value)) > INDEXED_BYTES_MAX;
    });
  return special ? { id: document._id, doc: NO_JSONB, raw: text } : { id: document._id, doc: text, raw: null };
}

/** The document of a row, normalised, with its tags. */
export const decode = (row: StoredRow): OjaiDocument => (row.raw === null ? row.doc : JSON.parse(row.raw));

/** A document as the port's callers see it. */
export const shown = (document: OjaiDocument): JsonDocument => stripTags(cloneValue(document)) as JsonDocument;
