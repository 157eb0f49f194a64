import { setTimeout as sleep } from 'node:timers/promises';
import { isCoordinatorMoving, kafkaFailure } from './errors';

/** The coordinator of a cluster's first groups reads its offsets before it answers: some seconds on a busy machine. */
const COORDINATOR_TRIES_MAX = 60;
const COORDINATOR_RETRY_MS = 500;

/** Does the work, again while a group's coordinator is not ready. Fails in the family, saying what was being done. */
export async function withCoordinator<T>(doing: string, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isCoordinatorMoving(error) || attempt === COORDINATOR_TRIES_MAX) throw kafkaFailure(error, doing);
      await sleep(COORDINATOR_RETRY_MS);
    }
  }
}
