import { type OjaiValue, tagOf } from '@/lib/ojai';

/** Below this and from 2^53 on, SQLite's reading of a number's text is not always the same double as JavaScript's. */
const NUMBER_MIN = 1e-10;
/** Text that SQLite cuts (NUL) or that is no UTF-8 (lone surrogates), as JSON.stringify writes it. A needless hit only costs speed. */
const AWKWARD_ESCAPE = /\\u0000|\\ud[89a-f]/;

/** Whether SQLite judges this number, in a document's text or bound to a statement, exactly as JavaScript does. */
export function isPlainNumber(value: number): boolean {
  const size = Math.abs(value);
  return size === 0 || (size >= NUMBER_MIN && size <= Number.MAX_SAFE_INTEGER);
}

/** Whether a string bound to a statement arrives unchanged. */
export function isPlainText(text: string): boolean {
  return !text.includes('\0') && !/\p{Cs}/u.test(text);
}

/**
 * Whether a document holds anything that SQL would not judge as lib/ojai does: type tags, which SQL takes for maps, very large or tiny
 * numbers, awkward text. Such documents are always judged by lib/ojai. `text` is the document as JSON.stringify writes it.
 */
export function isSpecial(document: OjaiValue, text: string): boolean {
  return AWKWARD_ESCAPE.test(text) || holdsSpecial(document);
}

function holdsSpecial(value: OjaiValue): boolean {
  if (typeof value === 'number') return !isPlainNumber(value);
  if (value === null || typeof value !== 'object') return false;
  if (Array.isArray(value)) return value.some(holdsSpecial);
  return tagOf(value) !== undefined || Object.values(value).some(holdsSpecial);
}
