/** Who uses a door, and what it may do there. One notion for every door of a fabric. */
import { matches } from '../links/patterns';

/** Names, or patterns with `*` for any run of characters. Topics by their Kafka names, volumes by theirs. */
export interface Grants {
  readonly read: readonly string[];
  /** Produce and create; who may write a topic may read it, too. */
  readonly write: readonly string[];
  readonly groups: readonly string[];
  readonly volumes: readonly string[];
}

export interface Principal {
  readonly name: string;
  /** Null: everything. */
  readonly grants: Grants | null;
  /** Aborts when the credential is taken back: whatever goes on in its name ends at once. */
  readonly ended: AbortSignal;
}

/** Whoever reaches the doors of a fabric that asks for no credentials. */
export const ANYONE: Principal = { name: 'anyone', grants: null, ended: new AbortController().signal };

export const mayWrite = ({ grants }: Principal, topic: string) => grants === null || matches(grants.write, topic);
export const mayRead = (principal: Principal, topic: string) =>
  principal.grants === null || matches(principal.grants.read, topic) || mayWrite(principal, topic);
export const mayUseGroup = ({ grants }: Principal, group: string) => grants === null || matches(grants.groups, group);
export const mayReadVolume = ({ grants }: Principal, volume: string) =>
  grants === null || matches(grants.volumes, volume);
