import type { Clock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { Streams, Subscription, TopicRef } from '@/lib/ports';
import { type MemoryBroker, type MemoryTopic, topicKey } from './broker';
import type { Faults } from './faults';
import type { MemoryGroups } from './groups';

/** The streams port on a memory broker, as one process uses it. */
export function createMemoryStreams(options: {
  broker: MemoryBroker;
  groups: MemoryGroups;
  faults: Faults;
  clock: Clock;
}): Streams {
  const { broker, groups, faults, clock } = options;
  const subscriptions = new Set<Subscription>();

  const existing = (ref: TopicRef): MemoryTopic => {
    const topic = broker.topic(ref);
    if (!topic) throw new FieldlineError('NOT_FOUND', `There is no topic ${topicKey(ref)}`);
    return topic;
  };

  return {
    produce: (ref, records) =>
      faults.run('streams.produce', ref.topic, () => {
        const topic = existing(ref);
        if (topic.replica)
          throw new FieldlineError('UNSUPPORTED', `${topicKey(ref)} is a replica; only the link writes to it`);
        broker.append(topic, records, clock.now());
      }),
    subscribe: (subscribe) =>
      faults.run('streams.subscribe', subscribe.group, () => {
        const subscription = groups.join(subscribe, (drop) => faults.onKill(drop));
        subscriptions.add(subscription);
        return subscription;
      }),
    ensureTopic: (ref, settings) =>
      faults.run('streams.ensureTopic', ref.topic, () => {
        broker.ensureTopic(ref, settings?.partitions ?? 1);
      }),
    topics: (stream) =>
      faults.run('streams.topics', stream, () =>
        broker.topics(stream).map((topic) => ({ ref: topic.ref, partitions: topic.partitions.length })),
      ),
    tail: (ref, limit) =>
      faults.run('streams.tail', ref.topic, () =>
        last(
          existing(ref)
            .partitions.flatMap((partition) => last(partition.records, limit))
            .sort((a, b) => a.timestamp - b.timestamp || Number(a.offset) - Number(b.offset)),
          limit,
        ),
      ),
    lag: (group, refs) =>
      faults.run('streams.lag', group, () =>
        refs.map((ref) => ({
          ref,
          records: existing(ref).partitions.reduce(
            (sum, partition) => sum + partition.records.length - (broker.committed(group, partition)?.offset ?? 0),
            0,
          ),
        })),
      ),
    commits: (group, refs) =>
      faults.run('streams.commits', group, () =>
        refs.flatMap((ref) =>
          existing(ref).partitions.flatMap((partition) => {
            const commit = broker.committed(group, partition);
            if (!commit) return [];
            return [{ ref, partition: partition.index, offset: String(commit.offset), metadata: commit.metadata }];
          }),
        ),
      ),
    seek: (group, positions) =>
      faults.run('streams.seek', group, () => {
        if (groups.hasMembers(group)) throw new FieldlineError('CONFLICT', `The group ${group} has members`);
        for (const { ref, partition, offset } of positions) {
          const place = existing(ref).partitions[partition];
          if (place) broker.commit(group, place, Number(offset));
        }
      }),
    close: async () => {
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()));
    },
  };
}

const last = <T>(items: readonly T[], count: number) => items.slice(Math.max(0, items.length - count));
