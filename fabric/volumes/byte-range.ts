/** The bytes of an answer: all, one range, or none because the range lies outside the file. */
export type Selection = { kind: 'all' } | { kind: 'range'; start: number; end: number } | { kind: 'unsatisfiable' };

/**
 * A `Range` header against a file of `bytes` bytes (RFC 9110 section 14). One range is served; several, or another unit, or nonsense,
 * are ignored as the RFC allows, and the whole file is the answer.
 */
export function selectRange(header: string | undefined, bytes: number): Selection {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '');
  if (!match) return { kind: 'all' };
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return { kind: 'all' };
  if (first === '') {
    const suffix = Number(last);
    if (suffix === 0 || bytes === 0) return { kind: 'unsatisfiable' };
    return { kind: 'range', start: Math.max(0, bytes - suffix), end: bytes - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return { kind: 'all' };
  if (start >= bytes) return { kind: 'unsatisfiable' };
  return { kind: 'range', start, end: last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1) };
}
