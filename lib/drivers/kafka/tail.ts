import type { Admin, Kafka } from 'kafkajs';
import { FieldlineError } from '@/lib/errors';
import type { StreamRecord, TopicRef } from '@/lib/ports';
import { LOST_RECORD_HEADER } from '@/lib/ports/lost-record';
import { passingGroup } from './naming';
import { readFrom } from './read-from';
import { toRecord } from './subscription';

/** The broker may be busy, and the group is a new one each time. */
const TAIL_TIMEOUT_MS = 15_000;
const FETCH_WAIT_MS = 200;

/** Reads the last records through a group that lives only as long: kafkajs reads in no other way. */
export async function readTail(
  kafka: Kafka,
  admin: Admin,
  topic: { mission: string; name: string; ref: TopicRef },
  limit: number,
): Promise<StreamRecord[]> {
  const ends = await admin.fetchTopicOffsets(topic.name);
  const wanted = ends
    .map(({ partition, low, high }) => ({
      partition,
      from: Math.max(Number(low), Number(high) - limit),
      until: Number(high),
    }))
    .filter((range) => range.from < range.until);
  if (wanted.length === 0 || limit === 0) return [];

  const groupId = passingGroup(topic.mission, 'tail');
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: FETCH_WAIT_MS, retry: { retries: 2 } });
  const records: StreamRecord[] = [];
  const open = new Map(wanted.map((range) => [range.partition, range]));
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic.name], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      let isOver = false;
      const finish = (error?: unknown) => {
        isOver = true;
        clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(
        () => finish(new FieldlineError('TIMEOUT', `The last records of ${topic.name} could not be read in time`)),
        TAIL_TIMEOUT_MS,
      );
      consumer.on('consumer.crash', ({ payload }) => finish(payload.error));
      readFrom({
        consumer,
        isOver: () => isOver,
        positions: () => wanted.map(({ partition, from }) => ({ topic: topic.name, partition, offset: String(from) })),
        eachBatch: async ({ batch }) => {
          const range = open.get(batch.partition);
          if (!range) return;
          for (const message of batch.messages) {
            const offset = Number(message.offset);
            const lost = message.value === null && message.headers?.[LOST_RECORD_HEADER] !== undefined;
            if (offset >= range.from && offset < range.until && !lost)
              records.push(toRecord(topic.ref, batch.partition, message));
          }
          if (Number(batch.lastOffset()) >= range.until - 1) open.delete(batch.partition);
          if (open.size === 0) finish();
        },
      }).catch(finish);
    });
  } finally {
    await consumer.disconnect();
    // The group committed nothing; a broker that has forgotten it already is as well.
    await admin.deleteGroups([groupId]).catch(() => undefined);
  }
  return records
    .sort((a, b) => a.timestamp - b.timestamp || a.partition - b.partition || Number(a.offset) - Number(b.offset))
    .slice(-limit);
}
