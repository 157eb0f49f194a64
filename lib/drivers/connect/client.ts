/** The calls of Kafka Connect's REST API that a link needs (Apache Kafka documentation, "Kafka Connect: REST API"). */
import { z } from 'zod';
import { type Clock, systemClock } from '@/lib/clock/clock';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { HttpClient, type HttpRequest } from '@/lib/http';
import type { ConnectDoor } from './options';

/** A worker that is not the leader asks the leader, and that one its log. */
const TOTAL_TIMEOUT_MS = 15_000;
/** While its workers rebalance: seconds as a rule. */
const REBALANCE_TRIES_MAX = 20;
const REBALANCE_RETRY_MS = 500;
/** What Connect 4.3.1 says with 500 to a configuration that is read while its workers rebalance, where it says 409 to a change. */
const REBALANCE_WORDS = 'a rebalance is expected';
const WORDS_LENGTH_MAX = 300;

const StateSchema = z.object({ state: z.string(), trace: z.string().optional() });
const StatusSchema = z.object({
  connector: StateSchema,
  tasks: z.array(StateSchema.extend({ id: z.number() })),
});
const ConfigSchema = z.record(z.string(), z.string());
/** Also entries of other forms: only those of MirrorMaker's are read. */
const OffsetsSchema = z.object({
  offsets: z.array(
    z.object({ partition: z.record(z.string(), z.unknown()), offset: z.record(z.string(), z.unknown()).nullable() }),
  ),
});
const RootSchema = z.object({ version: z.string(), kafka_cluster_id: z.string().nullish() });
const PluginsSchema = z.array(z.object({ class: z.string(), version: z.string().nullish() }));

export type ConnectorStatus = z.infer<typeof StatusSchema>;
/** The offset of the last record of a source partition that is known to be at the target. */
export interface CarriedOffset {
  topic: string;
  partition: number;
  offset: number;
}

export class ConnectClient {
  readonly #http: HttpClient;

  constructor(
    door: ConnectDoor,
    private readonly clock: Clock = systemClock,
  ) {
    this.#http = new HttpClient({ ...door, totalTimeoutMs: TOTAL_TIMEOUT_MS });
  }

  /** `host:port`, for messages. */
  get where(): string {
    return this.#http.where;
  }

  async root(): Promise<z.infer<typeof RootSchema>> {
    return this.#read(RootSchema, '/');
  }

  async plugins(): Promise<z.infer<typeof PluginsSchema>> {
    return this.#read(PluginsSchema, '/connector-plugins');
  }

  /** Null where there is no such connector. */
  async config(name: string): Promise<Record<string, string> | null> {
    return this.#found(this.#afterRebalance(() => this.#read(ConfigSchema, `${pathOf(name)}/config`)));
  }

  /** Null where there is no such connector, or it was made so recently that it has no state. */
  async status(name: string): Promise<ConnectorStatus | null> {
    return this.#found(this.#read(StatusSchema, `${pathOf(name)}/status`));
  }

  /** As of the last time that the worker wrote them down: `offset.flush.interval.ms`, or each batch with exactly-once support. */
  async carried(name: string): Promise<CarriedOffset[]> {
    const { offsets } = (await this.#found(this.#read(OffsetsSchema, `${pathOf(name)}/offsets`))) ?? { offsets: [] };
    return offsets.flatMap(({ partition: { topic, partition }, offset }) =>
      typeof topic === 'string' && typeof partition === 'number' && typeof offset?.offset === 'number'
        ? [{ topic, partition, offset: offset.offset }]
        : [],
    );
  }

  /** Creates the connector or gives it this configuration; whether it is paused stays as it is. */
  async configure(name: string, config: Record<string, string>): Promise<void> {
    await this.#change({ method: 'PUT', path: `${pathOf(name)}/config`, json: config });
  }

  /** Connect does it in its own time. Survives restarts of its workers. */
  async pause(name: string): Promise<void> {
    await this.#change({ method: 'PUT', path: `${pathOf(name)}/pause` });
  }

  async resume(name: string): Promise<void> {
    await this.#change({ method: 'PUT', path: `${pathOf(name)}/resume` });
  }

  /** Restarts what of the connector and its tasks has failed, and nothing else. */
  async restartFailed(name: string): Promise<void> {
    const query = { includeTasks: true, onlyFailed: true };
    await this.#change({ method: 'POST', path: `${pathOf(name)}/restart`, query });
  }

  /** Idempotent. */
  async remove(name: string): Promise<void> {
    await this.#found(this.#change({ method: 'DELETE', path: pathOf(name) }));
  }

  close(): void {
    this.#http.close();
  }

  async #read<T>(schema: z.ZodType<T>, path: string): Promise<T> {
    const response = await this.#send({ path });
    const parsed = schema.safeParse(await response.json());
    if (parsed.success) return parsed.data;
    throw new FieldlineError('PROTOCOL', `${this.where} does not answer as Kafka Connect does to GET ${path}`, {
      remedy: 'Check the address: it is that of the REST door of a Kafka Connect worker',
    });
  }

  async #change(request: HttpRequest): Promise<void> {
    await this.#afterRebalance(async () => (await this.#send(request)).discard());
  }

  /** While its workers share out their connectors anew, Connect refuses what goes through their leader, reading a configuration too. */
  async #afterRebalance<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        if (!isFieldlineError(error, 'CONFLICT') || attempt === REBALANCE_TRIES_MAX) throw error;
        await this.clock.sleep(REBALANCE_RETRY_MS);
      }
    }
  }

  async #send(request: HttpRequest) {
    const response = await this.#http.request(request);
    if (response.ok) return response;
    const error = await this.#http.statusError(response, request);
    // Its body is {"error_code","message"}; of the message the first line is for people.
    const [, said] = /"message":"((?:[^"\\]|\\.)*)"/.exec(error.message) ?? [];
    if (said === undefined) throw error;
    const words = firstLine(said.replaceAll('\\n', '\n').replaceAll('\\"', '"')).slice(0, WORDS_LENGTH_MAX);
    const code = said.includes(REBALANCE_WORDS) ? 'CONFLICT' : error.code;
    throw new FieldlineError(code, `Kafka Connect at ${this.where}: ${words}`, { details: error.details });
  }

  async #found<T>(answer: Promise<T>): Promise<T | null> {
    try {
      return await answer;
    } catch (error) {
      if (isFieldlineError(error, 'NOT_FOUND')) return null;
      throw error;
    }
  }
}

const pathOf = (name: string) => `/connectors/${encodeURIComponent(name)}`;
const firstLine = (text: string) => text.split('\n', 1)[0]!;
