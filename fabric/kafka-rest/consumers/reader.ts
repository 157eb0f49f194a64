/** Records of a partition's log, for a client that can not read batches itself. */

import { parseBatches } from '../../kafka/record-batch';
import { batchRecords } from '../../kafka/records';
import type { Partition } from '../../log/partition';
import { refusal } from '../errors';

export interface ReadRecord {
  offset: number;
  key: Buffer | null;
  value: Buffer | null;
}

/** From the log at once; the last batch is cut when enough is there. */
const READ_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Records from `offset` on, in order: about `maxBytes` of keys and values, at least one when there is one. Fails with PROTOCOL where a
 * batch is compressed in a way that only its client can undo.
 */
export async function readRecords(
  partition: Partition,
  offset: number,
  maxBytes: number,
): Promise<{ records: ReadRecord[]; next: number; bytes: number }> {
  const batches = parseBatches(await partition.read(offset, Math.min(maxBytes, READ_BYTES_MAX)));
  const records: ReadRecord[] = [];
  let next = offset;
  let bytes = 0;
  for (const batch of batches) {
    const found = batchRecords(batch);
    if (found === null) {
      const { topic, partition: index } = partition;
      const { compression, baseOffset } = batch.header;
      if (records.length > 0) break;
      throw refusal(
        'kafka',
        `${topic}/${index} from offset ${baseOffset} is compressed with ${compression ?? 'something unknown'}, which this door can not undo: use a Kafka client`,
      );
    }
    for (const record of found) {
      if (record.offset < offset) continue;
      const size = (record.key?.length ?? 0) + (record.value?.length ?? 0);
      if (records.length > 0 && bytes + size > maxBytes) return { records, next, bytes };
      records.push({ offset: record.offset, key: record.key, value: record.value });
      bytes += size;
      next = record.offset + 1;
    }
    next = Math.max(next, batch.header.lastOffset + 1);
  }
  return { records, next, bytes };
}
