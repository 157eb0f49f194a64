/** Metadata and assignments of consumer groups ("Kafka protocol guide", ConsumerProtocolSubscription and -Assignment, version 0), and who gets which partition. */
import { ByteReader, ByteWriter } from '../../kafka/codec';

export interface TopicPartition {
  topic: string;
  partition: number;
}

const VERSION = 0;
/** "No bytes" of a nullable byte string. */
const NULL_LENGTH = -1;

function writeString(writer: ByteWriter, text: string): void {
  const length = Buffer.byteLength(text);
  writer.int16(length);
  writer.utf8(text, length);
}

export function encodeSubscription(topics: readonly string[]): Buffer {
  const writer = new ByteWriter();
  writer.int16(VERSION);
  writer.int32(topics.length);
  for (const topic of topics) writeString(writer, topic);
  writer.int32(NULL_LENGTH);
  return Buffer.concat(writer.finish());
}

/** Fails with PROTOCOL on what is no subscription. */
export function decodeSubscription(metadata: Buffer): string[] {
  const reader = new ByteReader(metadata);
  reader.int16();
  const topics: string[] = [];
  for (let left = reader.int32(); left > 0; left--) topics.push(reader.utf8(reader.int16()));
  return topics;
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  const writer = new ByteWriter();
  writer.int16(VERSION);
  writer.int32(byTopic.size);
  for (const [topic, indexes] of byTopic) {
    writeString(writer, topic);
    writer.int32(indexes.length);
    for (const index of indexes) writer.int32(index);
  }
  writer.int32(NULL_LENGTH);
  return Buffer.concat(writer.finish());
}

/** Fails with PROTOCOL on what is no assignment; nothing at all is an assignment of nothing. */
export function decodeAssignment(assignment: Buffer): TopicPartition[] {
  if (assignment.length === 0) return [];
  const reader = new ByteReader(assignment);
  reader.int16();
  const partitions: TopicPartition[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topic = reader.utf8(reader.int16());
    for (let left = reader.int32(); left > 0; left--) partitions.push({ topic, partition: reader.int32() });
  }
  return partitions;
}

/** Every partition to one of those who subscribed to its topic, evenly: who has least is next. */
export function divide(
  members: readonly { memberId: string; topics: readonly string[] }[],
  partitionsOf: (topic: string) => number,
): Map<string, TopicPartition[]> {
  const shares = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
  const topics = [...new Set(members.flatMap((member) => member.topics))].sort();
  for (const topic of topics) {
    const takers = members.filter((member) => member.topics.includes(topic)).map(({ memberId }) => memberId);
    takers.sort();
    for (let partition = 0; partition < partitionsOf(topic); partition++) {
      const least = takers.reduce((best, id) => (shares.get(id)!.length < shares.get(best)!.length ? id : best));
      shares.get(least)!.push({ topic, partition });
    }
  }
  return shares;
}
