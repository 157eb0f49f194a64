/** One round of a direction: a connection to HQ, and all that is carried over it, until something of it ends. */
import { groupBy, KafkaCluster } from '../client/cluster';
import type { Attempt, CarriedPartition, LinkContext } from '../context';
import { raceAll } from './race';

export interface Round {
  readonly cluster: KafkaCluster;
  /** Aborts with the attempt, and when the round ends. */
  readonly signal: AbortSignal;
  /** Carries the partitions, those of one leader together, until `ends` resolves (then it returns) or something fails (then it throws). */
  carry<P extends CarriedPartition>(
    partitions: readonly P[],
    carryFrom: (leader: number, group: P[]) => Promise<void>,
    ends: Promise<void>,
  ): Promise<void>;
}

/** Connects for as long as `work` takes. Nothing of the round runs on when it resolves or throws. */
export async function inRound(
  { upstream, dialer, clientId }: LinkContext,
  attempt: Attempt,
  work: (round: Round) => Promise<void>,
): Promise<void> {
  const address = await upstream.resolve(attempt.signal);
  const round = new AbortController();
  const end = () => round.abort();
  const signal = AbortSignal.any([attempt.signal, round.signal]);
  const cluster = new KafkaCluster(dialer, address.kafka, { clientId, signal, security: address.access?.kafka });
  try {
    await work({
      cluster,
      signal,
      carry: (partitions, carryFrom, ends) => {
        const leaders = [...groupBy(partitions, (partition) => partition.leader)];
        const carried = leaders.map(([leader, group]) => carryFrom(leader, group));
        return raceAll([ends, cluster.pulse(signal), ...carried], end);
      },
    });
  } finally {
    end();
    cluster.close();
  }
}
