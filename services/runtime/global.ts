import { type FieldlineConfig, loadConfig } from '@/lib/config';
import { FieldlineError } from '@/lib/errors';
import { loadFeeds } from '@/lib/feeds';
import type { Runtime } from '../contract';
import { feedContextOf } from '../feed-ingest/definition';
import { definitionsOf } from '../registry';
import { createPorts } from './ports';
import { createProcessLog } from './process-log';
import { createRuntime } from './runtime';
import { createProcessTracer } from './tracing';

/**
 * The one runtime of the process. It sits on globalThis because Next compiles instrumentation.ts and each route handler as separate
 * bundles, each with its own copy of this module.
 */
const KEY = Symbol.for('fieldline.runtime');
const holder = globalThis as { [KEY]?: Runtime };

/** Starts the services of the configured sites; once. Fails with CONFIG_INVALID, or FEED_INVALID naming every definition that is wrong. */
export async function startRuntime(): Promise<Runtime> {
  const running = holder[KEY];
  if (running) return running;
  const config = loadConfig();
  await checkFeeds(config);
  const runtime = createRuntime({
    config,
    portsOf: createPorts,
    definitionsOf,
    sink: createProcessLog(config),
    tracer: await createProcessTracer(config),
  });
  holder[KEY] = runtime;
  return runtime;
}

/** A feed that is wrong at the start is a mistake in the configuration; said now, not found out on a tile. */
async function checkFeeds(config: FieldlineConfig): Promise<void> {
  if (!config.sites.some((site) => site.role === 'hq')) return;
  const { problems } = await loadFeeds(config.feeds, feedContextOf({ config }));
  if (problems.length > 0)
    throw new FieldlineError('FEED_INVALID', problems.map((problem) => problem.message).join('; '));
}

/** Fails with UNAVAILABLE before it is started and after it is stopped. */
export function getRuntime(): Runtime {
  const running = holder[KEY];
  if (!running) throw new FieldlineError('UNAVAILABLE', 'The services of this process are not running');
  return running;
}

/** Stops everything, within the services' deadlines. */
export async function stopRuntime(): Promise<void> {
  const running = holder[KEY];
  delete holder[KEY];
  await running?.stop();
}
