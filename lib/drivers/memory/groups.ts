import type { SubscribeOptions, Subscription } from '@/lib/ports';
import { type MemoryBroker, type MemoryPartition, partitionKey } from './broker';

const BATCH_RECORDS_DEFAULT = 500;
/** Wait before records are given again to a handler that threw. */
const REDELIVERY_MS = 10;

interface Member {
  readonly options: SubscribeOptions;
  /** True once it died: what its handler still finishes is not committed. */
  dropped: boolean;
  /** Resolves when it dies: nobody waits for its handlers then. */
  readonly death: Promise<void>;
  readonly running: Map<string, { abort: AbortController; finished: Promise<void> }>;
  readonly assigned: () => void;
}

/** Consumer groups over a broker: members of a group share its partitions; a partition moves when a member comes or goes. */
export class MemoryGroups {
  readonly #broker: MemoryBroker;
  readonly #members = new Map<string, Member[]>();
  /** Where a group without a commit began, so that `latest` means the same after a rebalance. */
  readonly #starts = new Map<string, number>();
  /** Rebalances happen one after the other. */
  #tail: Promise<void> = Promise.resolve();
  #queued = false;

  constructor(broker: MemoryBroker) {
    this.#broker = broker;
    broker.onChange(() => this.#rebalanceSoon());
  }

  /** `dropped` receives a function that removes the member as kill -9 would: nothing is waited for or committed. */
  join(options: SubscribeOptions, dropped: (drop: () => void) => void): Subscription {
    let isReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let die: () => void = () => undefined;
    const death = new Promise<void>((resolve) => {
      die = resolve;
    });
    const member: Member = { options, dropped: false, death, running: new Map(), assigned: isReady };
    this.#members.set(options.group, [...(this.#members.get(options.group) ?? []), member]);
    this.#rebalanceSoon();
    const leave = () =>
      this.#members.set(
        options.group,
        (this.#members.get(options.group) ?? []).filter((other) => other !== member),
      );
    dropped(() => {
      member.dropped = true;
      die();
      leave();
      for (const { abort } of member.running.values()) abort.abort();
      member.running.clear();
      this.#rebalanceSoon();
    });
    return {
      ready,
      done,
      stop: async () => {
        // In turn with the rebalances, so that nobody takes over a partition whose last batch is still in hand here.
        this.#tail = this.#tail.then(async () => {
          const runs = [...member.running.values()];
          for (const { abort } of runs) abort.abort();
          await Promise.all(runs.map((run) => run.finished));
          member.running.clear();
          leave();
        });
        await this.#tail;
        this.#rebalanceSoon();
        finish();
      },
    };
  }

  hasMembers(group: string): boolean {
    return (this.#members.get(group) ?? []).length > 0;
  }

  #rebalanceSoon(): void {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      void this.#rebalance();
    });
  }

  #rebalance(): Promise<void> {
    this.#tail = this.#tail.then(() => this.#assign());
    return this.#tail;
  }

  async #assign(): Promise<void> {
    for (const [group, members] of this.#members) {
      const wanted = this.#assignment(members);
      const taken: Promise<void>[] = [];
      for (const [member, partitions] of wanted) {
        for (const [key, run] of member.running) {
          if (partitions.has(key)) continue;
          run.abort.abort();
          member.running.delete(key);
          taken.push(run.finished);
        }
      }
      await Promise.all(taken);
      for (const [member, partitions] of wanted) {
        for (const [key, partition] of partitions) {
          if (member.dropped || member.running.has(key)) continue;
          const abort = new AbortController();
          const consumed = this.#consume(group, member, partition, abort.signal);
          member.running.set(key, { abort, finished: Promise.race([consumed, member.death]) });
        }
        member.assigned();
      }
    }
  }

  #assignment(members: readonly Member[]): Map<Member, Map<string, MemoryPartition>> {
    const wanted = new Map<Member, Map<string, MemoryPartition>>(members.map((member) => [member, new Map()]));
    const everything = new Map<string, MemoryPartition>();
    for (const member of members)
      for (const partition of this.#subscribed(member.options)) everything.set(partitionKey(partition), partition);
    let turn = 0;
    for (const [key, partition] of [...everything].sort(([a], [b]) => a.localeCompare(b))) {
      const candidates = members.filter((member) => this.#subscribed(member.options).includes(partition));
      wanted.get(candidates[turn++ % candidates.length]!)!.set(key, partition);
    }
    return wanted;
  }

  #subscribed({ topics }: SubscribeOptions): MemoryPartition[] {
    if ('prefix' in topics)
      return this.#broker
        .topics(topics.stream)
        .filter((topic) => topic.ref.topic.startsWith(topics.prefix))
        .flatMap((topic) => topic.partitions);
    return topics.flatMap((ref) => this.#broker.topic(ref)?.partitions ?? []);
  }

  async #consume(group: string, member: Member, partition: MemoryPartition, signal: AbortSignal): Promise<void> {
    const { handler, maxBatchRecords = BATCH_RECORDS_DEFAULT } = member.options;
    while (!signal.aborted) {
      const from = this.#position(group, member.options, partition);
      const records = partition.records.slice(from, from + maxBatchRecords);
      if (records.length === 0) {
        await this.#change(signal);
        continue;
      }
      try {
        await handler(records, { signal });
      } catch {
        // The contract: what a handler threw at comes again. Its reason is the handler's to report.
        await new Promise((resolve) => setTimeout(resolve, REDELIVERY_MS));
        continue;
      }
      if (!member.dropped) this.#broker.commit(group, partition, from + records.length);
    }
  }

  #position(group: string, options: SubscribeOptions, partition: MemoryPartition): number {
    const committed = this.#broker.committed(group, partition);
    if (committed) return committed.offset;
    const key = `${group}@${partitionKey(partition)}`;
    if (!this.#starts.has(key)) this.#starts.set(key, options.from === 'earliest' ? 0 : partition.records.length);
    return this.#starts.get(key)!;
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        unsubscribe();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const unsubscribe = this.#broker.onChange(finish);
      signal.addEventListener('abort', finish, { once: true });
      if (signal.aborted) finish();
    });
  }
}
