import { backoffMs } from '@/lib/clock/backoff';
import { TABLES } from '@/lib/domain/naming';
import { errorMessage, FieldlineError, isFieldlineError, shownMessage } from '@/lib/errors';
import type { Feed } from '@/lib/feeds/types';
import type { ServiceContext } from '../contract';
import type { HqAssetRow } from '../rows';
import { ingestRows, rowOf } from './ingest';
import { RecentSet } from './recent-set';

/** Rows inserted at once: an item shows soon, and a feed of thousands does not cost thousands of calls. */
const BATCH_ROWS_MAX = 50;
/** Ids remembered so that items seen again cost no call; the table knows the older ones. */
const SEEN_MAX = 20_000;
/** Complaints remembered, so that a bad item is counted once and not at every poll. */
const COMPLAINTS_MAX = 1000;
/** Backoff of a feed that can not be read. It begins short: the sample feed is served by the app, which may be still starting. */
const BACKOFF_MS_MIN = 1000;
/** It ends at the feed's own interval, or here where that is shorter: a feed that is back is soon noticed. */
const BACKOFF_MS_MAX = 30_000;

/** One feed, polled until the service stops. What goes wrong with it stays with it. */
export class FeedPoller {
  readonly #seen = new RecentSet(SEEN_MAX);
  readonly #complaints = new RecentSet(COMPLAINTS_MAX);
  #count: number | null = null;

  constructor(
    readonly feed: Feed,
    readonly context: ServiceContext,
  ) {}

  async run(): Promise<void> {
    const { clock, signal } = this.context;
    const intervalMs = this.feed.definition.intervalSeconds * 1000;
    const backoff = { minMs: BACKOFF_MS_MIN, maxMs: Math.max(intervalMs, BACKOFF_MS_MAX) };
    let failures = 0;
    while (!signal.aborted) {
      failures = (await this.#pollOnce()) ? 0 : failures + 1;
      const waitMs = failures === 0 ? intervalMs : backoffMs(failures, backoff);
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  /** True when the feed could be read. */
  async #pollOnce(): Promise<boolean> {
    const { report, log, signal } = this.context;
    const { id } = this.feed.definition;
    try {
      await this.#read();
      report.degraded(null, `feed ${id}`);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      // An error of the feed's own names the feed; one of the fabric's does not.
      const isOwn = isFieldlineError(error, 'FEED_INVALID', 'FEED_UNAVAILABLE');
      const reason = isOwn ? error.message : `Feed ${id}: ${shownMessage(error)}`;
      report.failed(isFieldlineError(error) ? error : new FieldlineError('FEED_UNAVAILABLE', reason, { cause: error }));
      report.degraded(reason, `feed ${id}`);
      log.warn('A feed could not be read', { feed: id, reason: errorMessage(error) });
      return false;
    }
  }

  async #read(): Promise<void> {
    const { clock, signal } = this.context;
    let batch: HqAssetRow[] = [];
    for await (const entry of this.feed.poll(signal)) {
      if (!entry.ok) {
        this.#complain(entry.error);
        continue;
      }
      try {
        const row = rowOf(this.feed.definition.id, entry.item, clock.now());
        if (!this.#seen.has(row._id)) batch.push(row);
      } catch (error) {
        this.#complain(error);
      }
      if (batch.length === BATCH_ROWS_MAX) {
        await this.#ingest(batch);
        batch = [];
      }
    }
    await this.#ingest(batch);
  }

  async #ingest(batch: readonly HqAssetRow[]): Promise<void> {
    if (batch.length === 0) return;
    const { tables } = this.context.ports;
    const { id, itemsMax } = this.feed.definition;
    this.#count ??= await tables.count(TABLES.assets, { $eq: { 'asset.feed': id } });
    let rows = batch;
    const room = Math.max(0, itemsMax - this.#count);
    if (room < batch.length) {
      // Rows that are there already take no room, so those are found out first.
      const known = new Set(
        (
          await tables.getMany(
            TABLES.assets,
            batch.map((row) => row._id),
          )
        ).map((row) => row._id),
      );
      for (const id of known) this.#seen.add(id);
      rows = batch.filter((row) => !known.has(row._id)).slice(0, room);
    }
    this.#count += (await ingestRows(this.context, rows)).length;
    for (const row of rows) this.#seen.add(row._id);
  }

  #complain(error: unknown): void {
    const { report, log } = this.context;
    const text = errorMessage(error);
    if (this.#complaints.has(text)) return;
    this.#complaints.add(text);
    report.failed(error);
    log.warn('An item of a feed was refused', { feed: this.feed.definition.id, reason: text });
  }
}
