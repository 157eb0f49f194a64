import type { StreamRecord, TopicRef } from '@/lib/ports';

/** Headers of a record that is sent again: where it came from at first. */
const STREAM_HEADER = 'fieldline-origin-stream';
const TOPIC_HEADER = 'fieldline-origin-topic';

/** The topic a record came from at first, also when it has been sent again since. */
export function originOf(record: Pick<StreamRecord, 'topic' | 'headers'>): TopicRef {
  const stream = record.headers[STREAM_HEADER];
  const topic = record.headers[TOPIC_HEADER];
  return (stream === 'pipeline' || stream === 'replicated') && topic ? { stream, topic } : record.topic;
}

export const originHeaders = (origin: TopicRef) => ({ [STREAM_HEADER]: origin.stream, [TOPIC_HEADER]: origin.topic });
