import { type ErrorCode, FieldlineError } from '@/lib/errors';

/** `field`: a map's entry; `index`: an array's element; `any`: the value itself or an arbitrary element (`a[]`, a container path). */
export type PathSegment =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'any' };

export interface Path {
  readonly text: string;
  readonly segments: readonly PathSegment[];
  /** True when a segment is `[]`: the path may stand for several values. */
  readonly container: boolean;
}

const PATH_LENGTH_MAX = 1000;
const PATH_SEGMENTS_MAX = 64;
const ARRAY_INDEX_MAX = 99_999;

/**
 * Parses a field path: `a.b[0].c`, `a[]`, `a[].b`, `a.[0]`; a name with other characters is quoted, `"a.b".c` or with backticks
 * (HPE documentation "JSON Document Field Paths"). Fails with `code` and says where.
 */
export function parsePath(text: unknown, code: ErrorCode = 'REQUEST_INVALID'): Path {
  if (typeof text !== 'string') throw new FieldlineError(code, `A field path is a string, not ${JSON.stringify(text)}`);
  const fail = (what: string, at: number): never => {
    throw new FieldlineError(code, `Field path ${JSON.stringify(text.slice(0, 100))}: ${what} at character ${at + 1}`);
  };
  if (text.length > PATH_LENGTH_MAX) fail(`longer than ${PATH_LENGTH_MAX} characters`, PATH_LENGTH_MAX);
  const segments: PathSegment[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === '[') {
      const close = text.indexOf(']', at);
      if (segments.length === 0) fail('a path begins with a field name', at);
      if (close < 0) fail('"[" without "]"', at);
      const inner = text.slice(at + 1, close);
      if (inner === '') segments.push({ kind: 'any' });
      else if (/^\d{1,5}$/.test(inner) && Number(inner) <= ARRAY_INDEX_MAX)
        segments.push({ kind: 'index', index: Number(inner) });
      else fail(`an array index is a number from 0 to ${ARRAY_INDEX_MAX}, or nothing`, at + 1);
      at = close + 1;
    } else {
      const [name, next] = fieldName(text, at, fail);
      segments.push({ kind: 'field', name });
      at = next;
    }
    if (segments.length > PATH_SEGMENTS_MAX) fail(`more than ${PATH_SEGMENTS_MAX} segments`, at);
    if (text[at] === '.') {
      at++;
      if (at === text.length) fail('a field name is missing', at);
    } else if (at < text.length && text[at] !== '[') fail(`unexpected ${JSON.stringify(text[at])}`, at);
  }
  if (segments.length === 0) fail('the path is empty', 0);
  return { text, segments, container: segments.some((segment) => segment.kind === 'any') };
}

function fieldName(text: string, start: number, fail: (what: string, at: number) => never): [string, number] {
  const quote = text[start];
  if (quote !== '"' && quote !== '`') {
    let end = start;
    while (end < text.length && !'.[]"`'.includes(text[end]!)) end++;
    if (end === start) fail('a field name is missing', start);
    return [text.slice(start, end), end];
  }
  let name = '';
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') name += text[++at] ?? '';
    else if (text[at] === quote) return [name, at + 1];
    else name += text[at];
  }
  return fail('the quote is not closed', start);
}
