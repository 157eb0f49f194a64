/**
 * The v2 API carries a key and a value, but no headers and no time. A record of this driver therefore has a value that holds all three.
 * Both ends of a replicated stream are read by this driver, since only streams of one cluster's kind replicate to each other.
 */
import { z } from 'zod';
import type { ProduceRecord, StreamRecord } from '@/lib/ports';

const MARK = 'fieldline.record/1';
const EnvelopeSchema = z.object({
  envelope: z.literal(MARK),
  timestamp: z.number(),
  headers: z.record(z.string(), z.string()),
  value: z.string(),
});

/** Base64 of the whole. */
export function wrap({ value, headers = {} }: ProduceRecord, now: number): string {
  return Buffer.from(JSON.stringify({ envelope: MARK, timestamp: now, headers, value })).toString('base64');
}

/** What another program wrote is a plain value, without headers, and with the time it was read. */
export function unwrap(
  base64: string | null | undefined,
  now: number,
): Pick<StreamRecord, 'timestamp' | 'headers' | 'value'> {
  const text = Buffer.from(base64 ?? '', 'base64').toString('utf8');
  if (text.startsWith('{"envelope":')) {
    const parsed = EnvelopeSchema.safeParse(parseJson(text));
    if (parsed.success) {
      const { timestamp, headers, value } = parsed.data;
      return { timestamp, headers, value };
    }
  }
  return { timestamp: now, headers: {}, value: text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
