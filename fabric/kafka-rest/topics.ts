/** What `GET /topics...` tells. */
import type { Door } from '../kafka/door';
import { refusal } from './errors';
import type { NamedTopic } from './names';

const partitionRow = (door: Door, partition: number) => ({
  partition,
  leader: door.nodeId,
  replicas: [{ broker: door.nodeId, leader: true, in_sync: true }],
});

export function describePartitions(door: Door, topic: NamedTopic) {
  const meta = door.store.get(topic.kafka);
  if (!meta) throw refusal('topicNotFound', `There is no topic ${topic.shown}`);
  return Array.from({ length: meta.partitions }, (_, partition) => partitionRow(door, partition));
}

export function describePartition(door: Door, topic: NamedTopic, partition: number) {
  logOf(door, topic, partition);
  return partitionRow(door, partition);
}

export function describeTopic(door: Door, topic: NamedTopic) {
  const partitions = describePartitions(door, topic);
  const { retentionMs, retentionBytes, segmentBytes } = door.store.get(topic.kafka)!.config;
  const configs = {
    'retention.ms': String(retentionMs),
    'retention.bytes': String(retentionBytes),
    'segment.bytes': String(segmentBytes),
  };
  return { name: topic.shown, configs, partitions };
}

export function describeOffsets(door: Door, topic: NamedTopic, partition: number) {
  const log = logOf(door, topic, partition);
  return { beginning_offset: log.logStart, end_offset: log.highWatermark };
}

function logOf(door: Door, topic: NamedTopic, partition: number) {
  if (!door.store.get(topic.kafka)) throw refusal('topicNotFound', `There is no topic ${topic.shown}`);
  const log = door.store.partition(topic.kafka, partition);
  if (!log) throw refusal('partitionNotFound', `${topic.shown} has no partition ${partition}`);
  return log;
}
