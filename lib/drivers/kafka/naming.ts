import { randomUUID } from 'node:crypto';
import type { StreamName, TopicRef } from '@/lib/ports';

/** The Kafka name of a topic: `<mission>.<stream>.<topic>`. */
export const kafkaTopic = (mission: string, ref: TopicRef) => `${streamPrefix(mission, ref.stream)}${ref.topic}`;

export const streamPrefix = (mission: string, stream: StreamName) => `${mission}.${stream}.`;

/** The topic behind a Kafka name; null when it is none of this mission's. */
export function topicRefOf(mission: string, name: string): TopicRef | null {
  for (const stream of ['pipeline', 'replicated'] as const) {
    const prefix = streamPrefix(mission, stream);
    if (name.startsWith(prefix) && name.length > prefix.length) return { stream, topic: name.slice(prefix.length) };
  }
  return null;
}

/** A consumer group for one reading only, of the mission's names: so it needs no right of its own at the brokers. */
export const passingGroup = (mission: string, purpose: 'tail' | 'copy') => `${mission}.${purpose}.${randomUUID()}`;
