/**
 * The topics of a fabric. `topics.json` says which there are; each has a directory named by a number that is never used again, so that
 * a topic deleted and created anew can not meet its old files, whatever moment a crash comes.
 */
import path from 'node:path';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { errorMessage, FieldlineError } from '@/lib/errors';
import type { FabricLog } from '../logger';
import { checkPartitionCount, checkTopicName, DEFAULT_TOPIC_CONFIG, mergeTopicConfig, PARTITIONS_MAX } from './config';
import { FilePool } from './file-pool';
import { type LogFs, nodeLogFs } from './log-fs';
import { Partition } from './partition';
import type { TopicConfig, TopicMeta, TopicStore } from './types';

const REGISTRY_FILE = 'topics.json';
const DIRECTORY_NAME = /^t(\d+)$/;
const RETENTION_CHECK_INTERVAL_MS = 30_000;

export interface TopicStoreOptions {
  log: FabricLog;
  clock?: Clock;
  fs?: LogFs;
  /** How often retention is applied, in ms. Default 30 s. */
  retentionCheckIntervalMs?: number;
}

interface SavedTopic extends TopicMeta {
  /** Names the directory. */
  id: number;
}
interface Registry {
  nextId: number;
  topics: SavedTopic[];
}
interface Topic {
  saved: SavedTopic;
  partitions: Partition[];
}

export class LogStore implements TopicStore {
  readonly #topics = new Map<string, Topic>();
  readonly #listeners = new Set<(topic: string) => void>();
  readonly #pool: FilePool;
  readonly #clock: Clock;
  #nextId = 1;
  /** Serialises what changes the registry. */
  #changing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    readonly directory: string,
    readonly options: TopicStoreOptions,
  ) {
    this.#pool = new FilePool(options.fs ?? nodeLogFs);
    this.#clock = options.clock ?? systemClock;
  }

  /** Recovers everything. Fails with DATA_DIR_UNUSABLE when the registry is damaged. */
  async open(): Promise<void> {
    await this.#fs.makeDirectory(this.directory);
    const registry = (await this.#readRegistry()) ?? (await this.#beginRegistry());
    this.#nextId = registry.nextId;
    for (const saved of registry.topics) {
      const topic: Topic = { saved, partitions: [] };
      for (let index = 0; index < saved.partitions; index++)
        topic.partitions.push(await Partition.open(this.#parts(topic, index)));
      this.#topics.set(saved.name, topic);
    }
    await this.#removeOrphans(new Set(registry.topics.map((topic) => topic.id)));
    const everyMs = this.options.retentionCheckIntervalMs ?? RETENTION_CHECK_INTERVAL_MS;
    this.#timer = setInterval(() => void this.enforceRetention(), everyMs);
    this.#timer.unref();
  }

  list(): TopicMeta[] {
    return [...this.#topics.values()].map(({ saved }) => metaOf(saved)).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): TopicMeta | undefined {
    const topic = this.#topics.get(name);
    return topic && metaOf(topic.saved);
  }

  partition(name: string, partition: number): Partition | undefined {
    return this.#topics.get(name)?.partitions[partition];
  }

  create(
    name: string,
    options: { partitions: number; config?: Partial<TopicConfig>; replica?: boolean },
  ): Promise<TopicMeta> {
    return this.#change(async () => {
      this.checkCreate(name, options);
      const saved: SavedTopic = {
        id: this.#nextId++,
        name,
        partitions: options.partitions,
        config: mergeTopicConfig(DEFAULT_TOPIC_CONFIG, options.config ?? {}),
        replica: options.replica ?? false,
      };
      const topic: Topic = { saved, partitions: [] };
      await this.#addPartitions(topic, saved.partitions);
      await this.#fs.syncDirectory(this.directory);
      await this.#saveRegistry([...this.#savedTopics(), saved]);
      this.#topics.set(name, topic);
      this.#notify(name);
      return metaOf(saved);
    });
  }

  /** Fails as `create` would, and does nothing. */
  checkCreate(name: string, options: { partitions: number; config?: Partial<TopicConfig> }): void {
    checkTopicName(name);
    if (this.#topics.has(name)) throw new FieldlineError('CONFLICT', `The topic ${name} exists`);
    checkPartitionCount(options.partitions);
    this.#checkTotal(options.partitions);
    mergeTopicConfig(DEFAULT_TOPIC_CONFIG, options.config ?? {});
  }

  /** Fails with NOT_FOUND, or REQUEST_INVALID when the topic has that many or more already. */
  addPartitions(name: string, total: number): Promise<void> {
    return this.#change(async () => {
      const topic = this.checkAddPartitions(name, total);
      const added: Topic = { saved: topic.saved, partitions: [...topic.partitions] };
      await this.#addPartitions(added, total);
      await this.#replace(topic, { partitions: total });
      topic.partitions = added.partitions;
      this.#notify(name);
    });
  }

  /** Fails as `addPartitions` would, and does nothing. */
  checkAddPartitions(name: string, total: number): Topic {
    const topic = this.#topic(name);
    checkPartitionCount(total);
    if (total <= topic.saved.partitions)
      throw new FieldlineError('REQUEST_INVALID', `The topic ${name} has ${topic.saved.partitions} partitions already`);
    this.#checkTotal(total - topic.saved.partitions);
    return topic;
  }

  setConfig(name: string, config: Partial<TopicConfig>): Promise<void> {
    return this.#change(async () => {
      const topic = this.#topic(name);
      await this.#replace(topic, { config: mergeTopicConfig(topic.saved.config, config) });
    });
  }

  setReplica(name: string, replica: boolean): Promise<void> {
    return this.#change(() => this.#replace(this.#topic(name), { replica }));
  }

  delete(name: string): Promise<void> {
    return this.#change(async () => {
      const topic = this.#topic(name);
      await this.#saveRegistry(this.#savedTopics().filter((saved) => saved !== topic.saved));
      this.#topics.delete(name);
      for (const partition of topic.partitions) await partition.retire();
      await this.#fs.remove(this.#topicDirectory(topic.saved.id));
      this.#notify(name);
    });
  }

  troubles(): string[] {
    return [...this.#topics.values()].flatMap(({ partitions }) =>
      partitions.flatMap(({ trouble }) => (trouble === null ? [] : [trouble])),
    );
  }

  bytes(name: string): number {
    return this.#topics.get(name)?.partitions.reduce((sum, partition) => sum + partition.sizeBytes, 0) ?? 0;
  }

  onChange(listener: (topic: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Applies the retention of every topic now. A partition that can not is logged and holds up no other. */
  async enforceRetention(): Promise<void> {
    for (const { saved, partitions } of [...this.#topics.values()]) {
      for (const partition of partitions) {
        await partition.enforceRetention().catch((error: unknown) =>
          this.options.log.error('Retention failed', {
            topic: saved.name,
            partition: partition.partition,
            error: errorMessage(error),
          }),
        );
      }
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#changing;
    for (const { partitions } of this.#topics.values()) for (const partition of partitions) await partition.close();
    await this.#pool.close();
  }

  get #fs(): LogFs {
    return this.#pool.fs;
  }

  #topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (!topic) throw new FieldlineError('NOT_FOUND', `There is no topic ${name}`);
    return topic;
  }

  #checkTotal(added: number): void {
    const total = this.#savedTopics().reduce((sum, topic) => sum + topic.partitions, added);
    if (total > PARTITIONS_MAX)
      throw new FieldlineError('REQUEST_INVALID', `This fabric holds at most ${PARTITIONS_MAX} partitions in all`);
  }

  #savedTopics(): SavedTopic[] {
    return [...this.#topics.values()].map((topic) => topic.saved);
  }

  /** Makes the partitions from the topic's present number up to `total`. */
  async #addPartitions(topic: Topic, total: number): Promise<void> {
    await this.#fs.makeDirectory(this.#topicDirectory(topic.saved.id));
    for (let index = topic.partitions.length; index < total; index++) {
      const parts = this.#parts(topic, index);
      // Left behind by an attempt that a crash cut off before the registry knew of it.
      await this.#fs.remove(parts.directory);
      await Partition.create(parts);
      topic.partitions.push(await Partition.open(parts));
    }
    await this.#fs.syncDirectory(this.#topicDirectory(topic.saved.id));
  }

  async #replace(topic: Topic, changes: Partial<SavedTopic>): Promise<void> {
    const saved = { ...topic.saved, ...changes };
    await this.#saveRegistry(this.#savedTopics().map((other) => (other === topic.saved ? saved : other)));
    topic.saved = saved;
  }

  #parts(topic: Topic, partition: number) {
    return {
      topic: topic.saved.name,
      partition,
      directory: path.join(this.#topicDirectory(topic.saved.id), String(partition)),
      pool: this.#pool,
      clock: this.#clock,
      log: this.options.log,
      config: () => (this.#topics.get(topic.saved.name)?.saved ?? topic.saved).config,
    };
  }

  #topicDirectory(id: number): string {
    return path.join(this.directory, `t${id}`);
  }

  /**
   * A new directory gets its registry before its first topic: where topics are and the registry is not, it was lost, and taking them for
   * orphans would remove everything.
   */
  async #beginRegistry(): Promise<Registry> {
    if ((await this.#fs.list(this.directory)).some((name) => DIRECTORY_NAME.test(name)))
      throw new FieldlineError(
        'DATA_DIR_UNUSABLE',
        `${this.directory} holds topics, but no ${REGISTRY_FILE} that names them`,
        {
          remedy: 'Restore that file from a backup',
        },
      );
    await this.#saveRegistry([]);
    return { nextId: 1, topics: [] };
  }

  async #readRegistry(): Promise<Registry | null> {
    const content = await this.#fs.readFile(path.join(this.directory, REGISTRY_FILE));
    if (content === null) return null;
    try {
      return JSON.parse(content.toString('utf8')) as Registry;
    } catch (cause) {
      throw new FieldlineError('DATA_DIR_UNUSABLE', `${REGISTRY_FILE} in ${this.directory} is not JSON`, {
        cause,
        remedy: 'Restore it from a backup',
      });
    }
  }

  #saveRegistry(topics: SavedTopic[]): Promise<void> {
    const registry: Registry = { nextId: this.#nextId, topics };
    return this.#fs.replaceFile(path.join(this.directory, REGISTRY_FILE), JSON.stringify(registry, null, 1));
  }

  async #removeOrphans(known: ReadonlySet<number>): Promise<void> {
    for (const name of await this.#fs.list(this.directory)) {
      const id = DIRECTORY_NAME.exec(name)?.[1];
      if (id !== undefined && !known.has(Number(id))) await this.#fs.remove(path.join(this.directory, name));
    }
  }

  #change<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#changing.then(action);
    this.#changing = done.then(
      () => undefined,
      () => undefined,
    );
    return done;
  }

  #notify(name: string): void {
    for (const listener of [...this.#listeners]) listener(name);
  }
}

function metaOf({ name, partitions, config, replica }: SavedTopic): TopicMeta {
  return { name, partitions, config: { ...config }, replica };
}
