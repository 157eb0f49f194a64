import { type FieldlineConfig, parseConfig } from '@/lib/config';
import { defaultSites } from '@/lib/config/defaults';
import { DEFAULT_EDGE_ID, HQ_SITE_ID } from '@/lib/domain/naming';
import { type SiteRole, servicesOf } from '@/lib/domain/services';
import { type Faults, MemorySite } from '@/lib/drivers/memory';
import type { Feed } from '@/lib/feeds/types';
import { broadcaster } from '../broadcaster/definition';
import type { Runtime, ServiceDefinition } from '../contract';
import { createDownloader } from '../downloader/definition';
import { createFeedIngest } from '../feed-ingest/definition';
import { listener } from '../listener/definition';
import { requester } from '../requester/definition';
import { responder } from '../responder/definition';
import { createRuntime } from '../runtime/runtime';
import { linkTopicsOf } from '../runtime/site-topics';
import { viewer } from '../viewer/definition';
import { quietSink } from './quiet-sink';
import { loaded, sampleDownloads } from './samples';

/** Memory fabrics of HQ and alpha, for one whole process after the other. */
export interface MissionFabrics {
  readonly sites: ReadonlyMap<string, MemorySite>;
  /** A process as the product runs it, but for feeds and downloads; `faults` by site. */
  run(options: { feeds: readonly Feed[]; before?: (faults: ReadonlyMap<string, Faults>) => void }): MissionProcess;
}
export interface MissionProcess {
  readonly runtime: Runtime;
  readonly faults: ReadonlyMap<string, Faults>;
  readonly downloads: ReturnType<typeof sampleDownloads>;
  /** As kill -9. */
  kill(): Promise<void>;
}

export function createMissionFabrics(limits: Partial<FieldlineConfig['limits']> = {}): MissionFabrics {
  const config = parseConfig({ sites: defaultSites([HQ_SITE_ID, DEFAULT_EDGE_ID]), limits }, 'the test');
  const sites = new Map([HQ_SITE_ID, DEFAULT_EDGE_ID].map((id) => [id, new MemorySite(id)]));
  sites.get(DEFAULT_EDGE_ID)!.connectTo(sites.get(HQ_SITE_ID)!, linkTopicsOf(DEFAULT_EDGE_ID));
  return {
    sites,
    run({ feeds, before }) {
      const processes = new Map([...sites].map(([id, site]) => [id, site.process()]));
      const faults = new Map([...processes].map(([id, process]) => [id, process.faults]));
      before?.(faults);
      const downloads = sampleDownloads();
      const definitions = definitionsWith(feeds, downloads);
      const runtime = createRuntime({
        config,
        portsOf: (_config, site) => processes.get(site.id)!.ports,
        definitionsOf: definitions,
        sink: quietSink,
      });
      return {
        runtime,
        faults,
        downloads,
        async kill() {
          for (const fault of faults.values()) fault.kill();
          // Its timers end; what it had under way never returns.
          void runtime.stop();
        },
      };
    },
  };
}

/** The real services, but for feeds and downloads. */
export function definitionsWith(feeds: readonly Feed[], downloads: ReturnType<typeof sampleDownloads>) {
  const loadFeeds = async () => loaded(...feeds);
  const all: ServiceDefinition[] = [
    createFeedIngest(loadFeeds),
    createDownloader({ openDownload: downloads.open, makePreviews: async () => null, loadFeeds }),
    broadcaster,
    responder,
    listener,
    requester,
    viewer,
  ];
  return (role: SiteRole) => all.filter((definition) => servicesOf(role).includes(definition.id));
}
