import type { SiteRuntime } from '../../contract';

/** Prometheus gives up a scrape after 10 s by default: a fabric that hangs costs it this much at most. */
export const READING_MS_MAX = 3000;

/** Reads every site at once; what a fabric that is down or hangs would have told is absent. Never rejects. */
export type Reading = (work: (site: SiteRuntime) => Promise<void>) => Promise<void>;

export const readingOf =
  (sites: readonly SiteRuntime[]): Reading =>
  async (work) => {
    await Promise.all(
      sites.map(async (site) => {
        if (site.fabricHealth().state === 'unavailable') return;
        let timer: NodeJS.Timeout | undefined;
        const late = new Promise<void>((resolve) => {
          timer = setTimeout(resolve, READING_MS_MAX);
        });
        // Late answers are set on a scrape that was sent already, which changes nothing.
        await Promise.race([work(site).catch(() => undefined), late]);
        clearTimeout(timer);
      }),
    );
  };
