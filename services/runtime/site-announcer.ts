import { errorMessage } from '@/lib/errors';
import type { Runtime } from '../contract';
import { describeHosted, listSites } from '../operations/sites';
import type { LogSink } from '../supervisor';

/** Counts of a site whose assets change are sent this often at most. */
const COUNTS_INTERVAL_MS = 2000;
/** What HQ knows of edges elsewhere is read this often; their links report every 5 s. */
const REMOTE_INTERVAL_MS = 5000;

/** Publishes `site` events: counts while assets change, and what is known of sites elsewhere. Resolves when the signal aborts. */
export async function announceSites(runtime: Runtime, sink: LogSink, signal: AbortSignal): Promise<void> {
  const { events, clock } = runtime;
  const dirty = new Set<string>();
  const unsubscribe = events.subscribe(({ name, payload }) => {
    if (name === 'asset' && 'site' in payload) dirty.add(payload.site);
  });
  let remoteAtMs = 0;
  try {
    while (!signal.aborted) {
      await clock.sleep(COUNTS_INTERVAL_MS, signal);
      const sites = [...dirty].flatMap((id) => runtime.sites.get(id) ?? []);
      dirty.clear();
      try {
        for (const site of sites) events.publish('site', await describeHosted(runtime, site));
        if (clock.now() - remoteAtMs >= REMOTE_INTERVAL_MS) {
          remoteAtMs = clock.now();
          for (const site of (await listSites(runtime)).sites) if (!site.hosted) events.publish('site', site);
        }
      } catch (error) {
        sink.debug({ reason: errorMessage(error) }, 'The sites can not be described');
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    unsubscribe();
  }
}
