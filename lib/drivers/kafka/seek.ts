import type { Admin, Kafka } from 'kafkajs';
import { FieldlineError } from '@/lib/errors';

const FETCH_WAIT_MS = 200;
const JOIN_MS_MAX = 30_000;

export interface SeekOffset {
  topic: string;
  partition: number;
  offset: string;
}

/**
 * Sets the offsets of a group without members. A commit needs a member that has the partitions, so this is one for a moment. Fails with
 * CONFLICT when the group has another, with TIMEOUT, or as kafkajs does.
 */
export async function seekGroup(
  kafka: Kafka,
  admin: Admin,
  group: string,
  offsets: readonly SeekOffset[],
): Promise<void> {
  const taken = () => new FieldlineError('CONFLICT', `The group ${group} has another member`);
  const { groups } = await admin.describeGroups([group]);
  if (groups.some(({ members }) => members.length > 0)) throw taken();
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: FETCH_WAIT_MS, retry: { retries: 2 } });
  let timer: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...new Set(offsets.map(({ topic }) => topic))], fromBeginning: true });
    const joined = new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new FieldlineError('TIMEOUT', `The group ${group} could not be joined in time`)),
        JOIN_MS_MAX,
      );
      consumer.on('consumer.group_join', ({ payload }) => {
        const mine = payload.memberAssignment;
        if (offsets.every(({ topic, partition }) => mine[topic]?.includes(partition))) resolve();
        else reject(taken());
      });
      consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
    });
    joined.catch(() => undefined);
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined });
    await joined;
    await consumer.commitOffsets([...offsets]);
  } finally {
    clearTimeout(timer);
    await consumer.disconnect();
  }
}
