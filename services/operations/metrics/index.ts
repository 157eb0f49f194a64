import { collectDefaultMetrics, Registry } from 'prom-client';
import packageJson from '@/package.json';
import type { Runtime } from '../../contract';
import { openStreamCount } from '../../events/open-streams';
import { instruments } from '../../telemetry/instruments';
import { certificateMetrics } from './certificates';
import { deadLetterMetrics } from './dead-letters';
import { diskMetrics, fabricMetrics, fabricStates } from './fabrics';
import { linkMetrics, mirrorMetrics } from './links';
import { readingOf } from './readings';
import { Scrape } from './registry';
import { serviceMetrics } from './services';
import { type MetricsText, renderText, wantsOpenMetrics } from './text';

/** Memory, CPU, event loop, garbage collection. Once a process: it keeps observers. On globalThis since Next has several bundles. */
const PROCESS_KEY = Symbol.for('fieldline.process-metrics');
function processMetrics(): Registry {
  const holder = globalThis as { [PROCESS_KEY]?: Registry };
  if (!holder[PROCESS_KEY]) {
    holder[PROCESS_KEY] = new Registry();
    collectDefaultMetrics({ register: holder[PROCESS_KEY] });
  }
  return holder[PROCESS_KEY];
}

/**
 * Everything that this process and its fabrics know of themselves, in the form that the caller accepts. What a fabric that is down does not
 * tell is absent, not zero. All of it is read at once, so that a scrape takes as long as its slowest reading, and that is bounded.
 */
export async function renderMetrics(runtime: Runtime, accept: string | null): Promise<MetricsText> {
  const scrape = new Scrape();
  const sites = [...runtime.sites.values()];
  const read = readingOf(sites);
  scrape.gauge('fieldline_build_info', 'Always 1', ['version', 'mission'])(
    { version: packageJson.version, mission: runtime.config.mission },
    1,
  );
  fabricStates(scrape, sites);
  serviceMetrics(scrape, sites);
  scrape.gauge(
    'fieldline_event_streams_open',
    'Pages and programs that listen to /api/events',
    [],
  )({}, openStreamCount());
  await Promise.all([
    linkMetrics(scrape, read),
    mirrorMetrics(scrape, runtime, read),
    fabricMetrics(scrape, read),
    deadLetterMetrics(scrape, read, runtime.clock.now()),
    diskMetrics(scrape, runtime.config),
    certificateMetrics(scrape, runtime.config),
  ]);
  return renderText([scrape.registry, instruments().registry, processMetrics()], wantsOpenMetrics(accept));
}
