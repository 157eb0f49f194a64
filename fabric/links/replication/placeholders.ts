import { type Batch, parseBatches, patchPosition } from '@/fabric/kafka/record-batch';
import { buildBatch } from '@/fabric/kafka/records';
import { LOST_RECORD_HEADER } from '@/lib/ports/lost-record';

const PLACEHOLDERS_PER_BATCH_MAX = 1_000;

/** Empty records for the offsets `from` (inclusive) to `until` (exclusive). */
export function* placeholders(from: number, until: number, timestamp: number): Generator<Batch> {
  for (let at = from; at < until; at += PLACEHOLDERS_PER_BATCH_MAX) {
    const count = Math.min(PLACEHOLDERS_PER_BATCH_MAX, until - at);
    const record = { key: null, value: null, timestamp, headers: [{ key: LOST_RECORD_HEADER, value: null }] };
    const bytes = buildBatch(Array.from({ length: count }, () => record));
    patchPosition(bytes, at, 0);
    yield parseBatches(bytes)[0]!;
  }
}
