import type { SiteRuntime } from '../../contract';
import { listDeadLetters } from '../../dead-letters';
import type { Reading } from './readings';
import type { Scrape } from './registry';

/** Counting reads the end of a topic: not at every scrape. */
const COUNT_AGE_MS_MAX = 30_000;
const counts = new WeakMap<SiteRuntime, { atMs: number; waiting: number }>();

export async function deadLetterMetrics(scrape: Scrape, read: Reading, nowMs: number): Promise<void> {
  const waiting = scrape.gauge('fieldline_dead_letters_waiting', 'Dead letters that nobody has sent again', ['site']);
  await read(async (site) => {
    let count = counts.get(site);
    if (!count || nowMs - count.atMs > COUNT_AGE_MS_MAX) {
      count = { atMs: nowMs, waiting: (await listDeadLetters(site.ports)).length };
      counts.set(site, count);
    }
    waiting({ site: site.id }, count.waiting);
  });
}
