import type { Clock } from '@/lib/clock/clock';
import { TABLES } from '@/lib/domain/naming';
import type { Condition } from '@/lib/ojai/types';
import type { Tables } from '@/lib/ports';

/**
 * Asking HQ what waits crosses the link, whose bandwidth is the field team's to spend: when what should wait has changed, else rarely.
 */
const ASK_WAITING_INTERVAL_MS = 60_000;
const ASK_IDLE_INTERVAL_MS = 5 * 60_000;

const WAITS: Condition = { $in: { status: ['ready', 'mirroring'] } };

export interface WaitingAtHq {
  /** Whether HQ should be asked now; true begins the interval anew. Fails as the tables do. */
  isAskDue(): Promise<boolean>;
  /** What is known is of no use: the next question is due. */
  forget(): void;
}

/** Decides when the edge asks HQ what waits for its mirror. */
export function watchWaitingAtHq(tables: Pick<Tables, 'count' | 'find'>, clock: Clock): WaitingAtHq {
  let asked = { what: '0', atMs: clock.now() };

  /** Equal only while the same rows wait: as many may have gone as came, but one that came is newer than any before. */
  const whatWaits = async (count: number): Promise<string> => {
    if (count === 0) return '0';
    const newest = await tables.find(TABLES.assets, {
      condition: WAITS,
      fields: ['updatedAt'],
      orderBy: [
        { field: 'updatedAt', direction: 'desc' },
        { field: '_id', direction: 'desc' },
      ],
      limit: 1,
    });
    return `${count} ${newest[0]?._id} ${newest[0]?.updatedAt}`;
  };

  return {
    async isAskDue() {
      const count = await tables.count(TABLES.assets, WAITS);
      const what = await whatWaits(count);
      const ageMs = clock.now() - asked.atMs;
      const isDue = what !== asked.what || ageMs >= (count > 0 ? ASK_WAITING_INTERVAL_MS : ASK_IDLE_INTERVAL_MS);
      if (isDue) asked = { what, atMs: clock.now() };
      return isDue;
    },
    forget() {
      asked.atMs = Number.NEGATIVE_INFINITY;
    },
  };
}
