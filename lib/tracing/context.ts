/** W3C Trace Context (https://www.w3.org/TR/trace-context/): who a piece of work belongs to, as it travels in headers and rows. */
import { createHash, randomFillSync } from 'node:crypto';

/** The header of HTTP calls and of records that carries a context. */
export const TRACEPARENT = 'traceparent';

export interface TraceContext {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits: the span that whatever comes next is a child of. */
  readonly spanId: string;
  /** Whether the trace is exported; decided at its root. */
  readonly sampled: boolean;
}

const SAMPLED = 0x01;
const INVALID_TRACE = '0'.repeat(32);
const INVALID_SPAN = '0'.repeat(16);
/** Version 00; a later version may have more behind another dash, which is to be ignored (section 3.2.4). */
const PATTERN = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export const formatTraceparent = ({ traceId, spanId, sampled }: TraceContext): string =>
  `00-${traceId}-${spanId}-0${sampled ? 1 : 0}`;

/** Null for what is none: it is a hint, so that a wrong one starts a new trace and nothing else. */
export function parseTraceparent(text: string | null | undefined): TraceContext | null {
  const match = PATTERN.exec(text ?? '');
  if (!match) return null;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null;
  if (traceId === INVALID_TRACE || spanId === INVALID_SPAN) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

/** Random bytes are fetched in bulk: one system call for every id would be most of its cost. */
const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

export const newTraceId = () => randomHex(16);
export const newSpanId = () => randomHex(8);

/** The same context for the same words, in every process: for work that several name without having told each other of it. */
export function contextOf(words: readonly string[], sampled: boolean): TraceContext {
  const digest = createHash('sha256').update(JSON.stringify(words)).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48), sampled };
}
