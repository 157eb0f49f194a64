/** Streams, topics and cursors over the admin REST API: what the Kafka REST proxy has no calls for. */
import { z } from 'zod';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { HttpClient } from '@/lib/http';
import type { StreamName, TopicInfo, TopicRef } from '@/lib/ports';
import { adminCall } from '../admin-rest/client';

/** A cluster keeps records by stream, not by topic: 30 days, longer than any topic here asks for and than a link is usually down. */
const STREAM_TTL_SECONDS = 30 * 24 * 3600;
const PARTITIONS_DEFAULT = 1;

/** Numbers come as strings from some versions. */
const count = z.coerce.number().int();
const TopicRowSchema = z.object({ topic: z.string(), partitions: count });
const CursorRowSchema = z.object({
  consumergroup: z.string(),
  topic: z.string(),
  partitionid: count,
  committedoffset: count,
  produceroffset: count,
});

export interface Cursor {
  topic: string;
  partition: number;
  /** The offset the group goes on with. */
  next: number;
  lag: number;
}

export class StreamAdmin {
  constructor(
    readonly client: HttpClient,
    readonly mission: string,
  ) {}

  async topics(stream: StreamName): Promise<TopicInfo[]> {
    const rows = await this.#unlessMissing(() =>
      adminCall(this.client, 'GET', 'stream/topic/list', { path: this.#path(stream) }),
    );
    return rows.map((row) => {
      const { topic, partitions } = this.#parse(TopicRowSchema, row, 'stream/topic/list');
      return { ref: { stream, topic }, partitions };
    });
  }

  /** Creates what is missing of the stream and the topic, and adds partitions. `retention` of a single topic is not to be had. */
  async ensureTopic(ref: TopicRef, partitions: number | undefined): Promise<void> {
    const path = this.#path(ref.stream);
    const { topic } = ref;
    const existing = (await this.topics(ref.stream)).find((info) => info.ref.topic === topic);
    if (!existing) {
      // Records for a topic that nobody made are a mistake, which should be seen.
      const settings = { path, ttl: STREAM_TTL_SECONDS, autocreate: false };
      await this.#unlessThere(() => adminCall(this.client, 'POST', 'stream/create', settings));
      await this.#unlessThere(() =>
        adminCall(this.client, 'POST', 'stream/topic/create', {
          path,
          topic,
          partitions: partitions ?? PARTITIONS_DEFAULT,
        }),
      );
    } else if (partitions !== undefined && existing.partitions < partitions)
      await adminCall(this.client, 'POST', 'stream/topic/edit', { path, topic, partitions });
  }

  /**
   * What a group has committed in a topic. `committedoffset` is taken for the last record that was processed, as `produceroffset` is the
   * last that was written (their difference is what programs for clusters show as the lag); not verified on a cluster.
   */
  async cursors(group: string, ref: TopicRef): Promise<Cursor[]> {
    const parameters = { path: this.#path(ref.stream), consumergroup: group, topic: ref.topic };
    const rows = await this.#unlessMissing(() => adminCall(this.client, 'GET', 'stream/cursor/list', parameters));
    return rows
      .map((row) => this.#parse(CursorRowSchema, row, 'stream/cursor/list'))
      .filter((row) => row.consumergroup === group && row.topic === ref.topic)
      .map(({ topic, partitionid, committedoffset, produceroffset }) => ({
        topic,
        partition: partitionid,
        next: committedoffset + 1,
        lag: Math.max(0, produceroffset - committedoffset),
      }));
  }

  #path(stream: StreamName): string {
    return `/${this.mission}/${stream}`;
  }

  async #unlessMissing<T>(ask: () => Promise<T[]>): Promise<T[]> {
    try {
      return await ask();
    } catch (error) {
      if (isFieldlineError(error, 'NOT_FOUND')) return [];
      throw error;
    }
  }

  async #unlessThere(create: () => Promise<unknown>): Promise<void> {
    try {
      await create();
    } catch (error) {
      // There is no create-if-missing in this API.
      if (!isFieldlineError(error, 'CONFLICT')) throw error;
    }
  }

  #parse<T>(schema: z.ZodType<T>, row: unknown, command: string): T {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    throw new FieldlineError('PROTOCOL', `${this.client.where} answered ${command} with rows that are not understood`);
  }
}
