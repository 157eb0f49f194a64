/** All consumer groups of this fabric: finds or makes the group a request speaks of, and checks what needs no group. */
import { errorMessage } from '@/lib/errors';
import type { LogStore } from '../../log';
import type { FabricLog } from '../../logger';
import { KAFKA_ERROR, type RequestOf, type ResponseInput } from '../codec';
import { Group, joinError, syncError } from './group';
import type { OffsetStore } from './offset-store';

const GROUPS_MAX = 5000;
/** Kafka's `group.min.session.timeout.ms` is 6 s; tests and fast take-overs want less. */
const SESSION_TIMEOUT_MS_MIN = 1000;
/** Kafka's `group.max.session.timeout.ms`. */
const SESSION_TIMEOUT_MS_MAX = 1_800_000;
/** A rebalance never waits longer, whatever a client asks (Node's timers end at 2^31 ms). */
const REBALANCE_TIMEOUT_MS_MAX = 3_600_000;
/** Kafka's `offset.metadata.max.bytes`. */
const METADATA_BYTES_MAX = 4096;

export interface CoordinatorParts {
  store: LogStore;
  offsets: OffsetStore;
  initialRebalanceDelayMs: number;
  log: FabricLog;
}

export class GroupCoordinator {
  /** Groups that have, or had a moment ago, members. */
  readonly #groups = new Map<string, Group>();

  constructor(readonly parts: CoordinatorParts) {}

  join(
    request: RequestOf<'JoinGroup'>,
    apiVersion: number,
    client: { id: string; host: string },
  ): Promise<ResponseInput<'JoinGroup'>> | ResponseInput<'JoinGroup'> {
    const refuse = (errorCode: number) => joinError(errorCode, request.memberId);
    if (request.groupId === '') return refuse(KAFKA_ERROR.INVALID_GROUP_ID);
    if (request.sessionTimeoutMs < SESSION_TIMEOUT_MS_MIN || request.sessionTimeoutMs > SESSION_TIMEOUT_MS_MAX)
      return refuse(KAFKA_ERROR.INVALID_SESSION_TIMEOUT);
    if (request.protocolType === '' || request.protocols.length === 0)
      return refuse(KAFKA_ERROR.INCONSISTENT_GROUP_PROTOCOL);
    const known = this.#groups.get(request.groupId);
    if (!known && request.memberId !== '') return refuse(KAFKA_ERROR.UNKNOWN_MEMBER_ID);
    if (!known && this.#groups.size >= GROUPS_MAX) return refuse(KAFKA_ERROR.GROUP_MAX_SIZE_REACHED);
    const group = known ?? this.#create(request.groupId);
    // Copies: what is kept of a request must not keep its frame.
    const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));
    const rebalanceTimeoutMs = Math.min(request.rebalanceTimeoutMs, REBALANCE_TIMEOUT_MS_MAX);
    return group.join({ ...request, protocols, rebalanceTimeoutMs }, apiVersion, client);
  }

  sync(request: RequestOf<'SyncGroup'>): Promise<ResponseInput<'SyncGroup'>> | ResponseInput<'SyncGroup'> {
    return this.#groups.get(request.groupId)?.sync(request) ?? syncError(KAFKA_ERROR.UNKNOWN_MEMBER_ID);
  }

  heartbeat(request: RequestOf<'Heartbeat'>): number {
    const group = this.#groups.get(request.groupId);
    return (
      group?.heartbeat(request.memberId, request.generationId, request.groupInstanceId) ?? KAFKA_ERROR.UNKNOWN_MEMBER_ID
    );
  }

  leave(groupId: string, memberId: string, instanceId: string | null): number {
    return this.#groups.get(groupId)?.leave(memberId, instanceId) ?? KAFKA_ERROR.UNKNOWN_MEMBER_ID;
  }

  /** Commits for a member, or for a consumer outside of any group membership (generation -1). Resolves when durable. */
  async commit(request: RequestOf<'OffsetCommit'>): Promise<ResponseInput<'OffsetCommit'>> {
    const refusal = this.#checkCommit(request);
    const accepted: { topic: string; partition: number; offset: number; metadata: string }[] = [];
    const topics = request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ index, committedOffset, committedMetadata }) => {
        const metadata = committedMetadata ?? '';
        const errorCode = refusal === KAFKA_ERROR.NONE ? this.#checkOffset(name, index, metadata) : refusal;
        if (errorCode === KAFKA_ERROR.NONE)
          accepted.push({ topic: name, partition: index, offset: committedOffset, metadata });
        return { index, errorCode };
      }),
    }));
    try {
      if (accepted.length > 0) await this.parts.offsets.commit(request.groupId, accepted);
    } catch (error) {
      this.parts.log.error('Offsets could not be committed', { group: request.groupId, error: errorMessage(error) });
      for (const partition of topics.flatMap((topic) => topic.partitions))
        if (partition.errorCode === KAFKA_ERROR.NONE) partition.errorCode = KAFKA_ERROR.COORDINATOR_NOT_AVAILABLE;
    }
    return { topics };
  }

  list(): { groupId: string; protocolType: string }[] {
    const ids = new Set([...this.#groups.keys(), ...this.parts.offsets.groups()]);
    return [...ids].map((groupId) => ({ groupId, protocolType: this.#groups.get(groupId)?.protocolType ?? '' }));
  }

  /** Undefined where there is neither a member nor a committed offset. */
  find(groupId: string): Group | 'offsets-only' | undefined {
    return this.#groups.get(groupId) ?? (this.#hasOffsets(groupId) ? 'offsets-only' : undefined);
  }

  async delete(groupId: string): Promise<number> {
    const group = this.#groups.get(groupId);
    if (!group && !this.#hasOffsets(groupId)) return KAFKA_ERROR.GROUP_ID_NOT_FOUND;
    if (group && group.members.size > 0) return KAFKA_ERROR.NON_EMPTY_GROUP;
    await this.parts.offsets.deleteGroup(groupId);
    group?.close();
    this.#groups.delete(groupId);
    return KAFKA_ERROR.NONE;
  }

  close(): void {
    for (const group of this.#groups.values()) group.close();
    this.#groups.clear();
  }

  #create(groupId: string): Group {
    const group = new Group(groupId, this.parts.initialRebalanceDelayMs, (empty) => {
      if (this.#groups.get(groupId) === empty) this.#groups.delete(groupId);
    });
    this.#groups.set(groupId, group);
    return group;
  }

  #hasOffsets(groupId: string): boolean {
    return this.parts.offsets.committed(groupId).length > 0;
  }

  #checkCommit(request: RequestOf<'OffsetCommit'>): number {
    if (request.groupId === '') return KAFKA_ERROR.INVALID_GROUP_ID;
    const group = this.#groups.get(request.groupId);
    if (request.generationId < 0) {
      // A stranger may not move the offsets of a group that is at work.
      if (group && group.members.size > 0) return KAFKA_ERROR.UNKNOWN_MEMBER_ID;
      const isNew = !group && !this.#hasOffsets(request.groupId);
      return isNew && this.parts.offsets.groups().length >= GROUPS_MAX
        ? KAFKA_ERROR.GROUP_MAX_SIZE_REACHED
        : KAFKA_ERROR.NONE;
    }
    if (!group) return KAFKA_ERROR.ILLEGAL_GENERATION;
    const refusal = group.check(request.memberId, request.generationId, request.groupInstanceId);
    if (refusal !== KAFKA_ERROR.NONE) return refusal;
    if (group.state === 'CompletingRebalance') return KAFKA_ERROR.REBALANCE_IN_PROGRESS;
    group.heartbeat(request.memberId, request.generationId, request.groupInstanceId);
    return KAFKA_ERROR.NONE;
  }

  #checkOffset(topic: string, partition: number, metadata: string): number {
    if (!this.parts.store.partition(topic, partition)) return KAFKA_ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    return Buffer.byteLength(metadata) > METADATA_BYTES_MAX ? KAFKA_ERROR.OFFSET_METADATA_TOO_LARGE : KAFKA_ERROR.NONE;
  }
}
