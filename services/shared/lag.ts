import { isFieldlineError } from '@/lib/errors';
import type { StreamName, TopicRef } from '@/lib/ports';
import type { ServiceContext } from '../contract';

/** How often a service asks how far behind it is; asking costs the fabric a few calls. */
const LAG_INTERVAL_MS = 5000;

interface Reading {
  group: string;
  topics: readonly TopicRef[] | { stream: StreamName; prefix: string };
}

/** Reports the records that wait for a service until it stops. Never rejects: a lag that can not be read is unknown, no more. */
export async function reportLag(context: ServiceContext, readings: readonly Reading[]): Promise<void> {
  const { clock, signal, report, log } = context;
  while (!signal.aborted) {
    try {
      const lags = await Promise.all(readings.map((reading) => lagOf(context, reading)));
      report.lag(lags.reduce((sum, records) => sum + records, 0));
    } catch (error) {
      report.lag(null);
      log.debug('The lag can not be read', { code: isFieldlineError(error) ? error.code : 'INTERNAL' });
    }
    await clock.sleep(LAG_INTERVAL_MS, signal).catch(() => undefined);
  }
}

async function lagOf({ ports }: ServiceContext, { group, topics }: Reading): Promise<number> {
  const refs =
    'prefix' in topics
      ? (await ports.streams.topics(topics.stream))
          .map((info) => info.ref)
          .filter((ref) => ref.topic.startsWith(topics.prefix))
      : topics;
  if (refs.length === 0) return 0;
  const lags = await ports.streams.lag(group, refs);
  return lags.reduce((sum, lag) => sum + lag.records, 0);
}
