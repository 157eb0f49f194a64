/** What tests of the log share. */
import type { Clock } from '@/lib/clock/clock';
import { parseBatches } from '../../kafka/record-batch';
import { buildBatch } from '../../kafka/records';
import type { FabricLog } from '../../logger';
import { openTopicStore } from '../index';
import type { LogStore } from '../store';
import type { MemoryFs } from './memory-fs';

export const quietLog: FabricLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const DIRECTORY = '/store';

/** A store on this file system whose own timer never fires within a test. */
export function openOn(fs: MemoryFs, clock?: Clock, log: FabricLog = quietLog): Promise<LogStore> {
  return openTopicStore(DIRECTORY, { fs, log, ...(clock && { clock }), retentionCheckIntervalMs: 2 ** 30 });
}

export interface MadeBatch {
  producerId: number;
  producerEpoch: number;
  baseSequence: number;
}

/** The batches of one produce request: one batch with these values. */
export function batchOf(values: readonly string[], options: { timestamp?: number; producer?: MadeBatch } = {}) {
  const timestamp = options.timestamp ?? 1_700_000_000_000;
  const records = values.map((value) => ({ key: null, value: Buffer.from(value), timestamp }));
  return parseBatches(buildBatch(records, options.producer));
}

/** Every record batch of a partition from `from` on, as offsets. */
export async function offsetsOf(
  log: { read(offset: number, maxBytes: number): Promise<Buffer>; logStart: number; highWatermark: number },
  from = log.logStart,
): Promise<[first: number, last: number][]> {
  const found: [number, number][] = [];
  for (let at = from; at < log.highWatermark; ) {
    const batches = parseBatches(await log.read(at, 1 << 20));
    if (batches.length === 0) throw new Error(`Nothing at offset ${at}, below the high watermark ${log.highWatermark}`);
    for (const { header } of batches) found.push([header.baseOffset, header.lastOffset]);
    at = found.at(-1)![1] + 1;
  }
  return found;
}
