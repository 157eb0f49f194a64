/**
 * One consumer group with members ("Kafka protocol guide"; KIP-62, KIP-394; static membership of KIP-345 in its simplest form: a member
 * that comes again under its instance id takes the old one's place, with a rebalance).
 *
 * Empty -> PreparingRebalance (members join) -> CompletingRebalance (the leader divides) -> Stable; whatever changes the members leads
 * back to PreparingRebalance.
 */
import { randomUUID } from 'node:crypto';
import { KAFKA_ERROR, type RequestOf } from '../codec';
import {
  electProtocol,
  hasCommonProtocol,
  type JoinAnswer,
  type Member,
  rebalanceTimeoutOf,
  type SyncAnswer,
  sameProtocols,
} from './member';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';
type JoinRequest = RequestOf<'JoinGroup'>;
type SyncRequest = RequestOf<'SyncGroup'>;

const NO_BYTES = Buffer.alloc(0);
/** Members and those that were given an id but have not come back with it. */
export const MEMBERS_MAX = 1000;

export const joinError = (errorCode: number, memberId: string): JoinAnswer => ({
  errorCode,
  generationId: -1,
  protocolName: '',
  leader: '',
  memberId,
  members: [],
});
export const syncError = (errorCode: number): SyncAnswer => ({ errorCode, assignment: NO_BYTES });

export class Group {
  state: GroupState = 'Empty';
  generationId = 0;
  protocolType = '';
  protocolName = '';
  leaderId = '';
  readonly members = new Map<string, Member>();
  /** Ids given (error 79) and not used yet, until their session would end. */
  readonly #pending = new Map<string, NodeJS.Timeout>();
  #timer: NodeJS.Timeout | undefined;
  #joinedDuringDelay = false;
  /** An initial rebalance waits for its delay even when everybody known has joined. */
  #delaying = false;

  constructor(
    readonly id: string,
    /** Waits this long for more members before the first generation, and again while they keep coming. */
    readonly initialRebalanceDelayMs: number,
    readonly onEmpty: (group: Group) => void,
  ) {}

  join(
    request: JoinRequest,
    apiVersion: number,
    client: { id: string; host: string },
  ): Promise<JoinAnswer> | JoinAnswer {
    const { memberId, groupInstanceId: instanceId } = request;
    if (this.members.size > 0 && !this.#isAcceptable(request))
      return joinError(KAFKA_ERROR.INCONSISTENT_GROUP_PROTOCOL, memberId);
    if (memberId === '') return this.#joinNew(request, apiVersion, client);
    if (this.#pending.has(memberId)) {
      this.#forgetPending(memberId);
      return this.#add(memberId, request, client);
    }
    const member = this.members.get(memberId);
    if (!member) {
      const isReplaced = instanceId !== null && this.#byInstance(instanceId) !== undefined;
      return joinError(isReplaced ? KAFKA_ERROR.FENCED_INSTANCE_ID : KAFKA_ERROR.UNKNOWN_MEMBER_ID, memberId);
    }
    return this.#rejoin(member, request);
  }

  sync(request: SyncRequest): Promise<SyncAnswer> | SyncAnswer {
    const refusal = this.check(request.memberId, request.generationId, request.groupInstanceId);
    if (refusal !== KAFKA_ERROR.NONE) return syncError(refusal);
    const member = this.members.get(request.memberId)!;
    if (this.state === 'PreparingRebalance') return syncError(KAFKA_ERROR.REBALANCE_IN_PROGRESS);
    if (this.state === 'Stable') {
      this.#restartSession(member);
      return { errorCode: KAFKA_ERROR.NONE, assignment: member.assignment };
    }
    member.answerSync?.(syncError(KAFKA_ERROR.REBALANCE_IN_PROGRESS));
    const answer = new Promise<SyncAnswer>((resolve) => {
      member.answerSync = resolve;
    });
    clearTimeout(member.sessionTimer);
    if (member.id === this.leaderId) this.#settle(request.assignments);
    return answer;
  }

  heartbeat(memberId: string, generationId: number, instanceId: string | null): number {
    const refusal = this.check(memberId, generationId, instanceId);
    if (refusal !== KAFKA_ERROR.NONE) return refusal;
    this.#restartSession(this.members.get(memberId)!);
    return this.state === 'PreparingRebalance' ? KAFKA_ERROR.REBALANCE_IN_PROGRESS : KAFKA_ERROR.NONE;
  }

  /** Removes a member that says goodbye. */
  leave(memberId: string, instanceId: string | null): number {
    if (this.#pending.has(memberId)) {
      this.#forgetPending(memberId);
      this.#completeIfAllJoined();
      this.#tellIfAbandoned();
      return KAFKA_ERROR.NONE;
    }
    const member = memberId === '' && instanceId !== null ? this.#byInstance(instanceId) : this.members.get(memberId);
    if (!member) return KAFKA_ERROR.UNKNOWN_MEMBER_ID;
    if (instanceId !== null && member.instanceId !== instanceId) return KAFKA_ERROR.FENCED_INSTANCE_ID;
    this.#remove(member);
    return KAFKA_ERROR.NONE;
  }

  /** Whether a request comes from a present member of the present generation: NONE or the error to answer. */
  check(memberId: string, generationId: number, instanceId: string | null): number {
    const member = this.members.get(memberId);
    if (!member) {
      const isReplaced = instanceId !== null && this.#byInstance(instanceId) !== undefined;
      return isReplaced ? KAFKA_ERROR.FENCED_INSTANCE_ID : KAFKA_ERROR.UNKNOWN_MEMBER_ID;
    }
    return generationId === this.generationId ? KAFKA_ERROR.NONE : KAFKA_ERROR.ILLEGAL_GENERATION;
  }

  /** Lets everybody go; for the end of the process. */
  close(): void {
    clearTimeout(this.#timer);
    for (const timer of this.#pending.values()) clearTimeout(timer);
    for (const member of this.members.values()) {
      clearTimeout(member.sessionTimer);
      member.answerJoin?.(joinError(KAFKA_ERROR.COORDINATOR_NOT_AVAILABLE, member.id));
      member.answerSync?.(syncError(KAFKA_ERROR.COORDINATOR_NOT_AVAILABLE));
    }
  }

  get isAbandoned(): boolean {
    return this.members.size === 0 && this.#pending.size === 0;
  }

  /** A member (heartbeat, commit) is alive. One that waits in JoinGroup or SyncGroup is alive by waiting, and has no timer. */
  #restartSession(member: Member): void {
    clearTimeout(member.sessionTimer);
    if (member.answerJoin || member.answerSync) return;
    member.sessionTimer = setTimeout(() => this.#remove(member), member.sessionTimeoutMs);
  }

  #joinNew(request: JoinRequest, apiVersion: number, client: { id: string; host: string }) {
    const replaced = request.groupInstanceId === null ? undefined : this.#byInstance(request.groupInstanceId);
    if (replaced) {
      this.#discard(replaced, KAFKA_ERROR.FENCED_INSTANCE_ID);
    } else if (this.members.size + this.#pending.size >= MEMBERS_MAX) {
      return joinError(KAFKA_ERROR.GROUP_MAX_SIZE_REACHED, '');
    }
    const memberId = `${request.groupInstanceId ?? (client.id || 'member')}-${randomUUID()}`;
    // KIP-394: from version 4 a client must come back with its id, so that one that never does leaves nothing behind.
    if (request.groupInstanceId === null && apiVersion >= 4) {
      const expire = () => {
        this.#forgetPending(memberId);
        this.#completeIfAllJoined();
        this.#tellIfAbandoned();
      };
      this.#pending.set(memberId, setTimeout(expire, request.sessionTimeoutMs));
      return joinError(KAFKA_ERROR.MEMBER_ID_REQUIRED, memberId);
    }
    return this.#add(memberId, request, client);
  }

  #add(memberId: string, request: JoinRequest, client: { id: string; host: string }): Promise<JoinAnswer> {
    const member: Member = {
      id: memberId,
      instanceId: request.groupInstanceId,
      clientId: client.id,
      clientHost: client.host,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: rebalanceTimeoutOf(request),
      protocols: request.protocols,
      assignment: NO_BYTES,
    };
    this.protocolType = request.protocolType;
    this.members.set(memberId, member);
    this.#joinedDuringDelay = true;
    return this.#park(member);
  }

  #rejoin(member: Member, request: JoinRequest): Promise<JoinAnswer> | JoinAnswer {
    const isUnchanged = sameProtocols(member.protocols, request.protocols);
    member.protocols = request.protocols;
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.rebalanceTimeoutMs = rebalanceTimeoutOf(request);
    // It missed the answer: the generation stands. (A stable leader that joins again wants a new division.)
    const missedAnswer =
      this.state === 'CompletingRebalance' || (this.state === 'Stable' && member.id !== this.leaderId);
    if (isUnchanged && missedAnswer) {
      this.#restartSession(member);
      return this.#joinAnswer(member);
    }
    return this.#park(member);
  }

  /** The member waits for the others; a rebalance begins where none is under way. */
  #park(member: Member): Promise<JoinAnswer> {
    member.answerJoin?.(joinError(KAFKA_ERROR.REBALANCE_IN_PROGRESS, member.id));
    clearTimeout(member.sessionTimer);
    const answer = new Promise<JoinAnswer>((resolve) => {
      member.answerJoin = resolve;
    });
    if (this.state !== 'PreparingRebalance') this.#prepare();
    this.#completeIfAllJoined();
    return answer;
  }

  #prepare(): void {
    const wasEmpty = this.state === 'Empty';
    this.state = 'PreparingRebalance';
    clearTimeout(this.#timer);
    for (const member of this.members.values()) {
      if (!member.answerSync) continue;
      const answer = member.answerSync;
      member.answerSync = undefined;
      this.#restartSession(member);
      answer(syncError(KAFKA_ERROR.REBALANCE_IN_PROGRESS));
    }
    this.#delaying = wasEmpty && this.initialRebalanceDelayMs > 0;
    if (this.#delaying) this.#delay(this.#longestRebalanceMs());
    else this.#timer = setTimeout(() => this.#complete(), this.#longestRebalanceMs());
  }

  #delay(remainingMs: number): void {
    this.#joinedDuringDelay = false;
    const delayMs = Math.min(this.initialRebalanceDelayMs, remainingMs);
    this.#timer = setTimeout(() => {
      if (this.#joinedDuringDelay && remainingMs > delayMs) {
        this.#delay(remainingMs - delayMs);
        return;
      }
      this.#delaying = false;
      if (this.#allJoined) this.#complete();
      else this.#timer = setTimeout(() => this.#complete(), remainingMs - delayMs);
    }, delayMs);
  }

  get #allJoined(): boolean {
    return this.#pending.size === 0 && [...this.members.values()].every((member) => member.answerJoin);
  }

  #completeIfAllJoined(): void {
    if (this.state === 'PreparingRebalance' && !this.#delaying && this.#allJoined) this.#complete();
  }

  /** Ends the joining: who has not joined is out. */
  #complete(): void {
    clearTimeout(this.#timer);
    for (const member of [...this.members.values()]) if (!member.answerJoin) this.#drop(member);
    this.generationId++;
    if (this.members.size === 0) {
      this.state = 'Empty';
      this.#tellIfAbandoned();
      return;
    }
    this.state = 'CompletingRebalance';
    this.protocolName = electProtocol([...this.members.values()]);
    if (!this.members.has(this.leaderId)) this.leaderId = this.members.keys().next().value!;
    // A leader that lives but never divides must not hold up the others for ever.
    this.#timer = setTimeout(() => this.#dropThoseWithoutSync(), this.#longestRebalanceMs());
    for (const member of this.members.values()) {
      const answer = member.answerJoin!;
      member.answerJoin = undefined;
      member.assignment = NO_BYTES;
      this.#restartSession(member);
      answer(this.#joinAnswer(member));
    }
  }

  #joinAnswer(member: Member): JoinAnswer {
    const metadataOf = (other: Member) => other.protocols.find(({ name }) => name === this.protocolName)!.metadata;
    const members =
      member.id === this.leaderId
        ? [...this.members.values()].map((other) => ({
            memberId: other.id,
            groupInstanceId: other.instanceId,
            metadata: metadataOf(other),
          }))
        : [];
    return {
      errorCode: KAFKA_ERROR.NONE,
      generationId: this.generationId,
      protocolName: this.protocolName,
      leader: this.leaderId,
      memberId: member.id,
      members,
    };
  }

  #settle(assignments: SyncRequest['assignments']): void {
    clearTimeout(this.#timer);
    const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    this.state = 'Stable';
    for (const member of this.members.values()) {
      // A copy: the request's frame must not live as long as the group.
      member.assignment = Buffer.from(byMember.get(member.id) ?? NO_BYTES);
      const answer = member.answerSync;
      member.answerSync = undefined;
      this.#restartSession(member);
      answer?.({ errorCode: KAFKA_ERROR.NONE, assignment: member.assignment });
    }
  }

  #dropThoseWithoutSync(): void {
    for (const member of [...this.members.values()]) if (!member.answerSync) this.#drop(member);
    this.#prepare();
    this.#completeIfAllJoined();
  }

  /** Takes a member out and lets the rest divide anew. */
  #remove(member: Member): void {
    if (this.members.get(member.id) !== member) return;
    this.#drop(member);
    if (this.state === 'Stable' || this.state === 'CompletingRebalance') this.#prepare();
    this.#completeIfAllJoined();
  }

  #discard(member: Member, errorCode: number): void {
    member.answerJoin?.(joinError(errorCode, member.id));
    member.answerSync?.(syncError(errorCode));
    member.answerJoin = undefined;
    member.answerSync = undefined;
    this.#drop(member);
  }

  #drop(member: Member): void {
    clearTimeout(member.sessionTimer);
    this.members.delete(member.id);
    const gone = KAFKA_ERROR.UNKNOWN_MEMBER_ID;
    member.answerJoin?.(joinError(gone, member.id));
    member.answerSync?.(syncError(gone));
  }

  #forgetPending(memberId: string): void {
    clearTimeout(this.#pending.get(memberId));
    this.#pending.delete(memberId);
  }

  #tellIfAbandoned(): void {
    if (this.state === 'Empty' && this.isAbandoned) this.onEmpty(this);
  }

  #byInstance(instanceId: string): Member | undefined {
    return [...this.members.values()].find((member) => member.instanceId === instanceId);
  }

  #isAcceptable(request: JoinRequest): boolean {
    const others = [...this.members.values()].filter((member) => member.id !== request.memberId);
    return request.protocolType === this.protocolType && hasCommonProtocol(others, request.protocols);
  }

  #longestRebalanceMs(): number {
    return Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeoutMs));
  }
}
