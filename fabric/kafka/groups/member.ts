/** A member of a consumer group, and which protocol the members of a group have in common. Pure: it changes no group. */
import type { RequestOf, ResponseInput } from '../codec';

export type JoinAnswer = ResponseInput<'JoinGroup'>;
export type SyncAnswer = ResponseInput<'SyncGroup'>;
/** What a member can divide partitions by, in its order of preference. */
type Protocols = Member['protocols'];

export interface Member {
  id: string;
  instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  /** In the member's order of preference. */
  protocols: { name: string; metadata: Buffer }[];
  assignment: Buffer;
  sessionTimer?: NodeJS.Timeout;
  /** Answers a JoinGroup that waits for the others. */
  answerJoin?: ((answer: JoinAnswer) => void) | undefined;
  /** Answers a SyncGroup that waits for the leader. */
  answerSync?: ((answer: SyncAnswer) => void) | undefined;
}

/** Whether two offers are the same, name by name. */
export function sameProtocols(one: Protocols, other: Protocols): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, metadata }, index) => name === other[index]!.name && metadata.equals(other[index]!.metadata))
  );
}

/** Whether one of the protocols is known to all of the members. */
export function hasCommonProtocol(members: readonly Member[], protocols: Protocols): boolean {
  return protocols.some(({ name }) => members.every((member) => supports(member, name)));
}

/** Of the protocols that all know, the one most members prefer. There are members, and they have one in common. */
export function electProtocol(members: readonly Member[]): string {
  const common = members[0]!.protocols
    .map(({ name }) => name)
    .filter((name) => members.every((member) => supports(member, name)));
  const votes = new Map<string, number>();
  for (const member of members) {
    const choice = member.protocols.find(({ name }) => common.includes(name))!.name;
    votes.set(choice, (votes.get(choice) ?? 0) + 1);
  }
  return [...votes].reduce((best, vote) => (vote[1] > best[1] ? vote : best))[0];
}

/** In ms. Version 0 of JoinGroup has no rebalance timeout: the session's stands for it. */
export function rebalanceTimeoutOf(request: RequestOf<'JoinGroup'>): number {
  return request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs;
}

function supports(member: Member, protocol: string): boolean {
  return member.protocols.some(({ name }) => name === protocol);
}
