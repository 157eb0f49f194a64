import { LEADER_EPOCH } from '../../log/append-plan';
import { KAFKA_ERROR } from '../codec';

/** What a client believes to be the leader's epoch (KIP-320); -1: it does not say. There was never another than ours. */
export function checkLeaderEpoch(epoch: number): number {
  if (epoch < 0 || epoch === LEADER_EPOCH) return KAFKA_ERROR.NONE;
  return KAFKA_ERROR.UNKNOWN_LEADER_EPOCH;
}
