import type { StreamRecord, TopicRef } from '@/lib/ports';
import { topicRefOf } from '../kafka/naming';
import type { WireRecord } from './client';
import { unwrap } from './envelope';

/** The topic behind a name that the proxy told: `/mission/stream:topic`, possibly with its cluster in front. */
export function refOf(mission: string, shown: string): TopicRef | null {
  const path = shown.replace(/^\/mapr\/[^/]+/, '');
  return topicRefOf(mission, path.replace(/^\//, '').replace('/', '.').replace(':', '.'));
}

export function toRecord(ref: TopicRef, record: WireRecord, now: number): StreamRecord {
  return {
    topic: ref,
    partition: record.partition,
    offset: String(record.offset),
    key: Buffer.from(record.key ?? '', 'base64').toString('utf8'),
    ...unwrap(record.value, now),
  };
}
