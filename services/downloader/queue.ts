import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import { TABLES } from '@/lib/domain/naming';
import { errorMessage, shownMessage } from '@/lib/errors';
import type { Condition } from '@/lib/ojai/types';
import type { ServiceContext } from '../contract';
import { HqAssetRow } from '../rows';
import { type JobTools, runJob } from './job';
import { createDownloadedSweep } from './outbox';

/** Work is looked for this often when nobody wakes the service. */
const LOOK_INTERVAL_MS = 5000;
/** Retries become due by time, which nobody announces. */
const RETRY_LOOK_INTERVAL_MS = 1000;
/** While the fabric is in trouble (unreachable, disk full) nothing is started for so long; doubles while it lasts. */
const HOLD_BACKOFF: BackoffLimits = { minMs: 1000, maxMs: 30_000 };

/** Rows found at once: with thousands waiting, looking for each one anew would cost the table more than the downloads cost the link. */
const FOUND_ROWS_MAX = 100;

export interface Queue {
  /** Starts as many downloads as there is room for; returns when to look again, in ms. */
  fill(): Promise<number>;
  /** Resolves when every download that was started has ended. */
  drained(): Promise<void>;
}

/**
 * The downloads under way. What is to be done is in the table, so it survives any crash; this only picks. Retries get at most half of
 * the places: new assets never wait behind links that failed before.
 */
export function createQueue(context: ServiceContext, tools: JobTools, wake: (reason: string) => void): Queue {
  const { ports, config, clock, report, log } = context;
  const { downloadsMax } = config.limits;
  const retriesMax = Math.max(1, Math.floor(downloadsMax / 2));
  const active = new Map<string, { retry: boolean; finished: Promise<void> }>();

  const sweep = createDownloadedSweep(context);
  let troubles = 0;
  let holdUntilMs = 0;

  /** Found, and not begun yet, oldest first. */
  const found = { fresh: [] as HqAssetRow[], retry: [] as HqAssetRow[] };

  async function due(kind: keyof typeof found, places: number): Promise<HqAssetRow[]> {
    if (places <= 0) return [];
    // A row that changed since it was found is left alone when it is claimed.
    if (found[kind].length === 0) found[kind] = await look(kind);
    return found[kind].splice(0, places);
  }

  async function look(kind: keyof typeof found): Promise<HqAssetRow[]> {
    const conditions: Condition[] = [
      { $in: { status: ['announced', 'downloading'] } },
      kind === 'retry' ? { $gt: { attempts: 0 } } : { $eq: { attempts: 0 } },
      { $le: { nextAttemptAtMs: clock.now() } },
    ];
    const documents = await ports.tables.find(TABLES.assets, {
      condition: { $and: conditions },
      orderBy: [
        { field: 'createdAt', direction: 'asc' },
        { field: '_id', direction: 'asc' },
      ],
      // Those under way are due too.
      limit: FOUND_ROWS_MAX + active.size,
    });
    return documents.map((document) => HqAssetRow.parse(document)).filter((row) => !active.has(row._id));
  }

  /** Not the link's fault (see job.ts): the row still says what is to be done, and a later round does it. */
  function hold(row: HqAssetRow, error: unknown): void {
    troubles++;
    holdUntilMs = clock.now() + backoffMs(troubles, HOLD_BACKOFF);
    report.failed(error);
    report.degraded(shownMessage(error), 'storing');
    log.warn('A download was put off', { asset: row._id, reason: errorMessage(error) });
  }

  function start(row: HqAssetRow, retry: boolean): void {
    const finished = runJob(context, tools, row)
      .then(
        () => {
          troubles = 0;
          report.degraded(null, 'storing');
        },
        (error: unknown) => hold(row, error),
      )
      .finally(() => {
        active.delete(row._id);
        wake('download ended');
      });
    active.set(row._id, { retry, finished });
  }

  return {
    async fill() {
      await sweep();
      if (clock.now() < holdUntilMs) return RETRY_LOOK_INTERVAL_MS;
      const fresh = await due('fresh', downloadsMax - active.size);
      for (const row of fresh) start(row, false);
      const retrying = [...active.values()].filter((job) => job.retry).length;
      const retries = await due('retry', Math.min(downloadsMax - active.size, retriesMax - retrying));
      for (const row of retries) start(row, true);
      return active.size > 0 ? RETRY_LOOK_INTERVAL_MS : LOOK_INTERVAL_MS;
    },
    async drained() {
      await Promise.all([...active.values()].map((job) => job.finished));
    },
  };
}
