/** What a start makes of the files of a partition. What was acknowledged and is not there, or not readable, is said, never passed over. */

import type { PartitionParts } from './partition';
import { ProducerState } from './producer-state';
import { indexBaseOffset, type RecoveredSegment, Segment, segmentBaseOffset } from './segment';

type RecoveryParts = Pick<PartitionParts, 'topic' | 'partition' | 'directory' | 'pool' | 'log'>;

export interface RecoveredLog {
  /** At least one. */
  segments: Segment[];
  producers: ProducerState;
  /** A segment before the last one is damaged. */
  isDamaged: boolean;
}

/** Reads the segments of a partition in order, cuts what is no good behind the last whole batch, and makes the rest durable. */
export async function recoverSegments(parts: RecoveryParts): Promise<RecoveredLog> {
  const { pool, directory, log } = parts;
  const names = await pool.fs.list(directory);
  const bases = names.map((name) => segmentBaseOffset(name)).filter((base) => base !== null);
  bases.sort((a, b) => a - b);
  const segments: Segment[] = [];
  let producers = new ProducerState();
  let isDamaged = false;
  for (const [position, base] of bases.entries()) {
    const segment = new Segment(pool, directory, base);
    const found = await segment.recover(producers);
    producers = found.producers;
    const isLast = position === bases.length - 1;
    if (isLast && found.scannedBytes > 0) await makeDurable(parts, segment, found);
    const where = whereOf(parts, segment);
    if (found.missingBytes > 0)
      log.error('The end of a segment is missing: acknowledged records are lost', {
        ...where,
        bytes: found.missingBytes,
        fromOffset: segment.nextOffset,
      });
    if (!isLast && found.badBytes > 0)
      log.error('A segment is damaged in the middle; what follows in it can not be read', {
        ...where,
        bytes: found.badBytes,
      });
    isDamaged ||= !isLast && found.badBytes > 0;
    segments.push(segment);
  }
  if (segments.length === 0) segments.push(await beginAfterLost(parts, names));
  return { segments, producers, isDamaged };
}

/**
 * What a start found may only be in the page cache: it becomes readable when it is on the disk. A tail that is no good is cut; whole
 * batches in it are kept aside, since a write that was cut off is then not the only explanation: they may have been acknowledged.
 */
async function makeDurable(
  parts: RecoveryParts,
  segment: Segment,
  { badBytes, missingBytes, hasBatchesBehind }: RecoveredSegment,
): Promise<void> {
  const where = { ...whereOf(parts, segment), bytes: badBytes, fromOffset: segment.nextOffset };
  if (hasBatchesBehind)
    parts.log.error('A segment is damaged; what follows was set aside: records among it may have been acknowledged', {
      ...where,
      file: await segment.setAside(badBytes),
    });
  else if (badBytes > 0 && missingBytes === 0) parts.log.warn('Cut a torn tail that was never acknowledged', where);
  await parts.pool.use(segment.file, async (file) => {
    if (badBytes > 0) await file.truncate(segment.sizeBytes);
    await file.datasync();
  });
}

/** The first segment of a partition that has none. An index without its log says which offsets were given already: they stay given. */
async function beginAfterLost(parts: RecoveryParts, names: readonly string[]): Promise<Segment> {
  const { pool, directory } = parts;
  let begin = 0;
  for (const base of names.map(indexBaseOffset)) {
    if (base === null) continue;
    begin = Math.max(begin, (await new Segment(pool, directory, base).indexedEnd()) ?? base);
  }
  const first = new Segment(pool, directory, begin);
  if (begin > 0)
    parts.log.error('A log is missing: its acknowledged records are lost', {
      ...whereOf(parts, first),
      upToOffset: begin,
    });
  await first.create();
  return first;
}

const whereOf = ({ topic, partition }: RecoveryParts, { baseOffset }: Segment) => ({
  topic,
  partition,
  segment: baseOffset,
});
