import { FieldlineError } from '@/lib/errors';

/**
 * The one range that a `Range` header asks for, of a file of `bytes` (RFC 9110, 14.1.2). Null: serve the whole, which is what the RFC
 * has a server do with a unit or a form that it does not know, and lets it do with several ranges.
 * Fails with RANGE_UNSATISFIABLE when the file has nothing there.
 */
export function byteRangeOf(header: string | null, bytes: number): { start: number; end: number } | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [first, last] = [match[1]!, match[2]!];
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  if (start >= bytes)
    throw new FieldlineError('RANGE_UNSATISFIABLE', `The file has ${bytes} bytes; nothing is at ${header}`, {
      details: { bytes },
    });
  return { start, end };
}
