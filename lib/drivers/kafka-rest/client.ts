/** Calls of the Kafka REST proxy v2 that the driver needs (Confluent "REST Proxy API reference"; HPE documentation "Kafka REST Proxy"). */
import { z } from 'zod';
import { type ErrorCode, FieldlineError, isFieldlineError } from '@/lib/errors';
import { HttpClient, type HttpClientOptions, type HttpRequest, type HttpResponse } from '@/lib/http';
import type { TopicRef } from '@/lib/ports';

const V2_TYPE = 'application/vnd.kafka.v2+json';
/** Keys and values as base64: exactly the bytes, whatever they are. */
const BINARY_TYPE = 'application/vnd.kafka.binary.v2+json';
/** An error's text is cut to this in messages. */
const ERROR_TEXT_LENGTH_MAX = 300;
const ERROR_BODY_BYTES_MAX = 64 * 1024;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Beyond the poll's own timeout: the first read of a new member waits until the group is divided. */
const POLL_GRACE_MS = 45_000;

const offset = z.number().int().nonnegative();
const ProducedSchema = z.object({
  offsets: z.array(z.object({ error_code: z.number().nullish(), error: z.string().nullish() })),
});
const CreatedSchema = z.object({ instance_id: z.string(), base_uri: z.string() });
const RecordsSchema = z.array(
  z.object({
    topic: z.string(),
    key: z.string().nullish(),
    value: z.string().nullish(),
    partition: z.number().int().nonnegative(),
    offset,
  }),
);
const AssignmentsSchema = z.object({
  partitions: z.array(z.object({ topic: z.string(), partition: z.number().int().nonnegative() })),
});
const OffsetsSchema = z.object({ beginning_offset: offset, end_offset: offset });

export type WireRecord = z.infer<typeof RecordsSchema>[number];
export interface Place {
  topic: string;
  partition: number;
}

export class KafkaRestClient {
  readonly #http: HttpClient;

  constructor(options: Pick<HttpClientOptions, 'baseUrl' | 'auth' | 'ca'>) {
    this.#http = new HttpClient(options);
  }

  get where(): string {
    return this.#http.where;
  }

  close(): void {
    this.#http.close();
  }

  /** Resolves when all are durable. Fails with what the first refused record was refused for. */
  async produce(topic: string, records: readonly { key: string; value: string }[]): Promise<void> {
    const doing = `Writing to ${topic}`;
    const request = post(topicPath(topic), { records }, BINARY_TYPE);
    const answer = this.#parse(ProducedSchema, await this.#call(request, doing), doing);
    const failed = answer.offsets.find(({ error_code }) => error_code !== null && error_code !== undefined);
    if (failed) throw new FieldlineError('UNAVAILABLE', `${doing}: ${failed.error ?? 'refused'}`);
  }

  async offsets({ topic, partition }: Place): Promise<{ low: number; high: number }> {
    const doing = `The offsets of ${topic}/${partition}`;
    const path = `${topicPath(topic)}/partitions/${partition}/offsets`;
    const answer = this.#parse(OffsetsSchema, await this.#call({ path }, doing), doing);
    return { low: answer.beginning_offset, high: answer.end_offset };
  }

  /** A consumer instance; one of the same name that an earlier life of this process left behind is ended first. */
  async createConsumer(group: string, name: string, from: 'earliest' | 'latest'): Promise<RestConsumerHandle> {
    const doing = `Joining the group ${group}`;
    const settings = { name, format: 'binary', 'auto.offset.reset': from, 'auto.commit.enable': 'false' };
    const groupPath = `/consumers/${encodeURIComponent(group)}`;
    const create = async () => this.#parse(CreatedSchema, await this.#call(post(groupPath, settings), doing), doing);
    let created: z.infer<typeof CreatedSchema>;
    try {
      created = await create();
    } catch (error) {
      if (!isFieldlineError(error, 'CONFLICT')) throw error;
      await this.#remove(`${groupPath}/instances/${encodeURIComponent(name)}`, doing);
      created = await create();
    }
    // Only the path counts: the host may be one that is known inside the cluster only.
    const path = new URL(created.base_uri, 'http://proxy').pathname;
    return new RestConsumerHandle(this, path, group);
  }

  /** Fails in the family; a consumer that is not known any more is NOT_FOUND with `details.status` 404. */
  async call(request: HttpRequest, doing: string): Promise<string> {
    return this.#call(request, doing);
  }

  async remove(path: string, doing: string): Promise<void> {
    await this.#remove(path, doing);
  }

  parse<T>(schema: z.ZodType<T>, text: string, doing: string): T {
    return this.#parse(schema, text, doing);
  }

  async #remove(path: string, doing: string): Promise<void> {
    try {
      await this.#call({ method: 'DELETE', path }, doing);
    } catch (error) {
      if (!isFieldlineError(error, 'NOT_FOUND')) throw error;
    }
  }

  async #call(request: HttpRequest, doing: string): Promise<string> {
    const headers = { accept: request.path.endsWith('/records') ? BINARY_TYPE : V2_TYPE, ...request.headers };
    const response = await this.#http.request({ ...request, headers, accept: [403] });
    if (response.ok) return response.text(ANSWER_BYTES_MAX);
    throw await failure(response, doing, this.where);
  }

  #parse<T>(schema: z.ZodType<T>, text: string, doing: string): T {
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new FieldlineError('PROTOCOL', `${doing}: ${this.where} answered in a form that is not the REST proxy's`, {
        cause,
      });
    }
  }
}

/** One consumer instance at the proxy. */
export class RestConsumerHandle {
  constructor(
    readonly client: KafkaRestClient,
    readonly path: string,
    readonly group: string,
  ) {}

  async subscribe(topics: readonly string[]): Promise<void> {
    await this.client.call(post(`${this.path}/subscription`, { topics }), `Subscribing as ${this.group}`);
  }

  /** Waits up to `timeoutMs` for the first record. */
  async poll(timeoutMs: number, maxBytes: number, signal: AbortSignal): Promise<WireRecord[]> {
    const doing = `Reading as ${this.group}`;
    const timeouts = { totalTimeoutMs: timeoutMs + POLL_GRACE_MS, idleTimeoutMs: timeoutMs + POLL_GRACE_MS };
    const query = { timeout: timeoutMs, max_bytes: maxBytes };
    // What an answer that was lost had in it would be passed over by a second read.
    const request = { path: `${this.path}/records`, query, signal, repeatable: false, ...timeouts };
    const text = await this.client.call(request, doing);
    return this.client.parse(RecordsSchema, text, doing);
  }

  async assignments(): Promise<Place[]> {
    const doing = `The partitions of ${this.group}`;
    const text = await this.client.call({ path: `${this.path}/assignments` }, doing);
    return this.client.parse(AssignmentsSchema, text, doing).partitions;
  }

  /**
   * Commits that the record at `offset` was processed. Confluent's proxy goes on behind it; should a cluster's go on at it (not
   * verified), that one record comes again, which consumers are made for. The other way round one would be lost.
   */
  async commit(place: Place, offset: number): Promise<void> {
    const offsets = [{ ...place, offset }];
    await this.client.call(post(`${this.path}/offsets`, { offsets }), `Committing for ${this.group}`);
  }

  /** Commits where the next reads begin. */
  async commitPositions(): Promise<void> {
    await this.client.call(post(`${this.path}/offsets`, {}), `Committing for ${this.group}`);
  }

  /** The next read begins there. */
  async seek(place: Place, offset: number): Promise<void> {
    const offsets = [{ ...place, offset }];
    await this.client.call(post(`${this.path}/positions`, { offsets }), `Going back as ${this.group}`);
  }

  /** The next read begins with what is written from now on. */
  async seekToEnd(place: Place): Promise<void> {
    const partitions = [place];
    await this.client.call(post(`${this.path}/positions/end`, { partitions }), `Going to the end as ${this.group}`);
  }

  async assign(partitions: readonly Place[]): Promise<void> {
    await this.client.call(post(`${this.path}/assignments`, { partitions }), `Reading ${partitions[0]?.topic ?? ''}`);
  }

  async remove(): Promise<void> {
    await this.client.remove(this.path, `Leaving the group ${this.group}`);
  }
}

const topicPath = (topic: string) => `/topics/${encodeURIComponent(topic)}`;

function post(path: string, body: unknown, type = V2_TYPE): HttpRequest {
  return { method: 'POST', path, body: JSON.stringify(body), headers: { 'content-type': type } };
}

/** The full name of a topic as the proxy of a cluster has it. */
export const proxyTopic = (mission: string, ref: TopicRef) => `/${mission}/${ref.stream}:${ref.topic}`;

async function failure(response: HttpResponse, doing: string, where: string): Promise<FieldlineError> {
  const text = await response.text(ERROR_BODY_BYTES_MAX);
  const { code, message } = told(text);
  const { status } = response;
  const words = (message ?? text).replace(/\s+/g, ' ').slice(0, ERROR_TEXT_LENGTH_MAX);
  return new FieldlineError(codeOf(status, code), `${doing}: ${where} answered ${code ?? status}: ${words}`, {
    details: { status },
  });
}

/** `{"error_code","message"}`; a cluster in trouble may answer in HTML. */
function told(text: string): { code: number | null; message: string | null } {
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: unknown; message?: unknown };
    return {
      code: typeof error_code === 'number' ? error_code : null,
      message: typeof message === 'string' ? message : null,
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return { code: null, message: null };
    throw error;
  }
}

function codeOf(status: number, code: number | null): ErrorCode {
  if (status === 404) return 'NOT_FOUND';
  // A replica that only its link writes; the port's word for it.
  if (status === 403 || status === 409) return 'CONFLICT';
  if (code === 50002) return 'PROTOCOL';
  if (status === 408 || status === 429 || status >= 500) return 'UNAVAILABLE';
  return 'REQUEST_INVALID';
}
