/**
 * The registry of streams: a stream is a path with defaults for its topics. Its topics are the Kafka topics whose name begins with the
 * path, dots for slashes (`/missionx/replicated` and `ASSET_BROADCAST`: `missionx.replicated.ASSET_BROADCAST`), however they were created.
 */
import { FieldlineError } from '@/lib/errors';
import type { TopicMeta, TopicStore } from '../log/types';
import { JsonFile } from '../state/json-file';
import { checkAbsolutePath } from '../volumes/paths';

/** As on a cluster: seven days. */
export const TTL_SECONDS_DEFAULT = 604_800;
const STREAMS_MAX = 1000;
/** Kafka's own limit for the name of a topic. */
const KAFKA_NAME_LENGTH_MAX = 249;
const NAME_PATTERN = /^[A-Za-z0-9._-]+$/;

export interface StreamRecord {
  path: string;
  /** 0: for ever. */
  ttlSeconds: number;
  defaultPartitions: number;
  autoCreate: boolean;
  /** Kept and shown; records are stored as producers compressed them. */
  compression: string;
  createdAt: number;
}
export type StreamSettings = Partial<Omit<StreamRecord, 'path' | 'createdAt'>>;

export interface StreamTopic {
  topic: string;
  meta: TopicMeta;
}

export async function openStreams(file: string, topics: TopicStore): Promise<StreamRegistry> {
  return new StreamRegistry(await JsonFile.open<StreamRecord[]>(file, []), topics);
}

/** `/missionx/replicated` → `missionx.replicated.` Fails with REQUEST_INVALID. */
export function topicPrefix(path: string): string {
  const segments = checkAbsolutePath(path).slice(1).split('/');
  if (!segments.every((segment) => NAME_PATTERN.test(segment)))
    throw new FieldlineError('REQUEST_INVALID', `${path}: letters, digits, dots, dashes and underscores only`);
  return `${segments.join('.')}.`;
}

/** The Kafka name of a stream's topic. Fails with REQUEST_INVALID. */
export function kafkaName(path: string, topic: string): string {
  const name = topicPrefix(path) + topic;
  if (NAME_PATTERN.test(topic) && name.length <= KAFKA_NAME_LENGTH_MAX) return name;
  throw new FieldlineError('REQUEST_INVALID', `"${topic.slice(0, 200)}" is not a valid topic name`);
}

export class StreamRegistry {
  constructor(
    private readonly stored: JsonFile<StreamRecord[]>,
    private readonly topics: TopicStore,
  ) {}

  list(): readonly StreamRecord[] {
    return this.stored.value;
  }

  get(path: string): StreamRecord | undefined {
    return this.stored.value.find((stream) => stream.path === path);
  }

  /** Fails with NOT_FOUND, in the words that clients look for. */
  require(path: string): StreamRecord {
    const found = this.get(checkAbsolutePath(path));
    if (found) return found;
    throw new FieldlineError('NOT_FOUND', `${path} is not a valid stream: no such stream`);
  }

  /** Fails with CONFLICT when the stream exists, or its topics could not be told from another stream's. */
  async create(wanted: string, settings: StreamSettings = {}): Promise<StreamRecord> {
    const path = checkAbsolutePath(wanted);
    const prefix = topicPrefix(path);
    if (this.get(path)) throw new FieldlineError('CONFLICT', `Stream ${path} already exists`);
    if (this.stored.value.length >= STREAMS_MAX)
      throw new FieldlineError('CONFLICT', `This fabric has ${STREAMS_MAX} streams already`);
    for (const other of this.stored.value) {
      const taken = topicPrefix(other.path);
      if (prefix.startsWith(taken) || taken.startsWith(prefix))
        throw new FieldlineError('CONFLICT', `Topics of ${path} could not be told from those of ${other.path}`);
    }
    const stream: StreamRecord = {
      ttlSeconds: TTL_SECONDS_DEFAULT,
      defaultPartitions: 1,
      autoCreate: true,
      compression: 'off',
      ...settings,
      path,
      createdAt: Date.now(),
    };
    await this.stored.update((streams) => [...streams, stream]);
    return stream;
  }

  /** Creates the stream unless it is there. */
  async ensure(path: string, settings?: StreamSettings): Promise<StreamRecord> {
    return this.get(checkAbsolutePath(path)) ?? this.create(path, settings);
  }

  /** A changed ttl also holds for the topics that are there. */
  async edit(path: string, settings: StreamSettings): Promise<StreamRecord> {
    const edited = { ...this.require(path), ...settings };
    await this.stored.update((streams) => streams.map((stream) => (stream.path === edited.path ? edited : stream)));
    if (settings.ttlSeconds !== undefined)
      for (const { meta } of this.topicsOf(edited.path))
        await this.topics.setConfig(meta.name, { retentionMs: retentionMsOf(edited) });
    return edited;
  }

  /** Removes the stream with its topics. */
  async delete(path: string): Promise<void> {
    const stream = this.require(path);
    for (const { meta } of this.topicsOf(stream.path)) await this.topics.delete(meta.name);
    await this.stored.update((streams) => streams.filter((other) => other.path !== stream.path));
  }

  /** By name. */
  topicsOf(path: string): StreamTopic[] {
    const prefix = topicPrefix(path);
    return this.topics
      .list()
      .filter((meta) => meta.name.startsWith(prefix))
      .map((meta) => ({ topic: meta.name.slice(prefix.length), meta }))
      .sort((a, b) => (a.topic < b.topic ? -1 : 1));
  }
}

/** A topic's retention by its stream's ttl. */
export const retentionMsOf = (stream: StreamRecord) => (stream.ttlSeconds === 0 ? -1 : stream.ttlSeconds * 1000);
