/**
 * One member of a consumer group, inside the fabric: joins, divides when it is the leader, and keeps its session alive. It joins anew
 * only when its owner reads (as Kafka's Java consumer does), so that a client that is still at work on what it has read can commit first.
 */
import { KAFKA_ERROR, kafkaErrorName } from '../../kafka/codec';
import type { Door } from '../../kafka/door';
import { refusal } from '../errors';
import {
  decodeAssignment,
  decodeSubscription,
  divide,
  encodeAssignment,
  encodeSubscription,
  type TopicPartition,
} from './protocol';

/** As the client libraries have it. A member of ours dies with its instance only, so this ends what a bug would leave behind. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_INTERVAL_MS = 500;
/** How long the others wait for a client that does not read. */
const REBALANCE_TIMEOUT_MS = 30_000;
const PROTOCOL_TYPE = 'consumer';
/** Names of the strategies of Java ("range", "roundrobin") and kafkajs: whichever the others know, dividing is the leader's business. */
const PROTOCOLS = ['RoundRobinAssigner', 'roundrobin', 'range'];
/** From this version on a new member is given its id first (KIP-394); ours leaves nothing behind and needs no such step. */
const JOIN_VERSION = 3;
/** A join that is refused for a reason that passes (a generation that ended meanwhile) is tried again at once, so often. */
const JOIN_ATTEMPTS_MAX = 20;

export interface MembershipParts {
  broker: Door;
  group: string;
  clientId: string;
  /** The Kafka names of the topics that are wanted now. */
  topics: () => string[];
  /** Called with the new share. */
  onAssigned: (partitions: TopicPartition[]) => void;
  /** Called when there may be something new to do for a reader that waits. */
  onChange: () => void;
}

export class Membership {
  readonly #parts: MembershipParts;
  #memberId = '';
  #generationId = -1;
  #stale = true;
  #joining: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: MembershipParts) {
    this.#parts = parts;
  }

  get memberId(): string {
    return this.#memberId;
  }

  get generationId(): number {
    return this.#generationId;
  }

  /** True while what it was given may be somebody else's by now. */
  get isStale(): boolean {
    return this.#stale;
  }

  /** True while the group is being divided. */
  get isJoining(): boolean {
    return this.#joining !== null;
  }

  /** The topics, or their partitions, have changed: the next `join` tells the group. */
  markStale(): void {
    this.#stale = true;
    this.#parts.onChange();
  }

  /** Resolves when it has its share of the present generation. Goes on behind when nobody waits for it any more. */
  join(): Promise<void> {
    if (!this.#stale && !this.#joining) return Promise.resolve();
    this.#joining ??= this.#join().finally(() => {
      this.#joining = null;
    });
    // Whoever stopped waiting hears of a failure at the next read.
    this.#joining.catch(() => undefined);
    return this.#joining;
  }

  /** Says goodbye; the others divide anew. */
  leave(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    if (this.#memberId !== '') this.#parts.broker.groups.leave(this.#parts.group, this.#memberId, null);
    this.#memberId = '';
  }

  async #join(): Promise<void> {
    let problem: number = KAFKA_ERROR.NONE;
    for (let attempt = 0; attempt < JOIN_ATTEMPTS_MAX && !this.#closed; attempt++) {
      this.#stale = false;
      problem = await this.#joinOnce();
      if (problem === KAFKA_ERROR.NONE) return;
      this.#stale = true;
      if (problem === KAFKA_ERROR.UNKNOWN_MEMBER_ID) this.#memberId = '';
      else if (problem !== KAFKA_ERROR.REBALANCE_IN_PROGRESS && problem !== KAFKA_ERROR.ILLEGAL_GENERATION) break;
    }
    if (this.#closed) return;
    throw refusal('kafka', `The group ${this.#parts.group} could not be joined: ${kafkaErrorName(problem)}`);
  }

  async #joinOnce(): Promise<number> {
    const { broker, group, clientId, topics } = this.#parts;
    const metadata = encodeSubscription(topics());
    const joined = await broker.groups.join(
      {
        groupId: group,
        memberId: this.#memberId,
        groupInstanceId: null,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
        rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
        protocolType: PROTOCOL_TYPE,
        protocols: PROTOCOLS.map((name) => ({ name, metadata })),
      },
      JOIN_VERSION,
      { id: clientId, host: 'rest' },
    );
    if (joined.errorCode !== KAFKA_ERROR.NONE) return joined.errorCode;
    this.#memberId = joined.memberId;
    // It was closed while it waited for the others.
    if (this.#closed) {
      this.leave();
      return KAFKA_ERROR.NONE;
    }
    const { generationId } = joined;
    const synced = await broker.groups.sync({
      groupId: group,
      memberId: this.#memberId,
      groupInstanceId: null,
      generationId,
      assignments: joined.leader === joined.memberId ? this.#assignments(joined.members) : [],
    });
    if (synced.errorCode !== KAFKA_ERROR.NONE) return synced.errorCode;
    this.#generationId = generationId;
    this.#beat();
    this.#parts.onAssigned(decodeAssignment(synced.assignment));
    return KAFKA_ERROR.NONE;
  }

  #assignments(members: readonly { memberId: string; metadata: Buffer }[]) {
    const { store } = this.#parts.broker;
    const wishes = members.map(({ memberId, metadata }) => ({ memberId, topics: decodeSubscription(metadata) }));
    const shares = divide(wishes, (topic) => store.get(topic)?.partitions ?? 0);
    return [...shares].map(([memberId, share]) => ({ memberId, assignment: encodeAssignment(share) }));
  }

  #beat(): void {
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      if (this.#joining) return;
      const { broker, group } = this.#parts;
      const code = broker.groups.heartbeat({
        groupId: group,
        memberId: this.#memberId,
        generationId: this.#generationId,
        groupInstanceId: null,
      });
      if (code !== KAFKA_ERROR.NONE && !this.#stale) this.markStale();
    }, HEARTBEAT_INTERVAL_MS);
    this.#timer.unref();
  }
}
