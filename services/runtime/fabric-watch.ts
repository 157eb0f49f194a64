import type { Clock } from '@/lib/clock/clock';
import type { SiteConfig } from '@/lib/config';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import { FieldlineError, shownMessage } from '@/lib/errors';
import type { SitePorts } from '@/lib/ports';
import type { FabricHealth } from '../contract';

/** A fabric on the same machine answers in milliseconds; one that has not answered after this is not well. */
const PROBE_TIMEOUT_MS = 5000;
/** Any id: only whether the table answers matters. */
const PROBE_ID = 'probe';

export type Door = 'streams' | 'tables' | 'volumes';

/** The doors that can fail by themselves: on an embedded fabric tables and volumes are behind one. */
export const doorsOf = (kind: SiteConfig['fabric']['kind']): Door[] =>
  kind === 'embedded' ? ['streams', 'tables'] : ['streams', 'tables', 'volumes'];

/** What a fabric says of itself stands among the troubles of its doors, and closes none. */
const OWN_WORD = 'fabric';

/** Asks doors of a fabric for something small, and the fabric how it is. Resolves with what is wrong, by door; empty when all is well. */
export async function probeFabric(
  ports: SitePorts,
  doors: readonly Door[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const questions: Record<Door, () => Promise<unknown>> = {
    streams: () => ports.streams.topics('pipeline'),
    tables: () => ports.tables.get(TABLES.services, PROBE_ID),
    volumes: () => ports.volumes.stat(VOLUMES.assets, PROBE_ID),
  };
  const troubles = new Map<string, string>();
  await Promise.all(
    doors.map(async (door) => {
      try {
        await withTimeout(questions[door](), clock, signal);
      } catch (error) {
        troubles.set(door, shownMessage(error));
      }
    }),
  );
  // A fabric that does not answer this has not answered at its doors either.
  const own = await withTimeout(ports.troubles?.read() ?? Promise.resolve([]), clock, signal).catch(() => []);
  if (own.length > 0) troubles.set(OWN_WORD, own.join('; '));
  return troubles;
}

/** The trouble of a fabric that answers at its doors, and that lacks what the services use. */
export const notReady = (error: unknown): Map<string, string> =>
  new Map([[OWN_WORD, `It answers, and can not be made ready: ${shownMessage(error)}`]]);

async function withTimeout<T>(work: Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  const timer = new AbortController();
  const late = clock.sleep(PROBE_TIMEOUT_MS, AbortSignal.any([timer.signal, signal])).then(() => {
    throw new FieldlineError('TIMEOUT', `No answer within ${PROBE_TIMEOUT_MS / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
  }
}

/** The health of one fabric as last seen; keeps when the state began. */
export class HealthRecord {
  #health: FabricHealth;

  constructor(readonly clock: Clock) {
    this.#health = { state: 'unknown', reason: null, since: null, asOf: clock.now(), failures: 0 };
  }

  get(): FabricHealth {
    return { ...this.#health };
  }

  /** True when the state or its reason changed. */
  set(state: FabricHealth['state'], reason: string | null): boolean {
    const asOf = this.clock.now();
    const same = this.#health.state === state;
    const changed = !same || this.#health.reason !== reason;
    const failures = this.#health.failures + Number(state === 'unavailable' || state === 'degraded');
    this.#health = { state, reason, since: same ? this.#health.since : asOf, asOf, failures };
    return changed;
  }

  /** True when it changed. */
  setTroubles(troubles: ReadonlyMap<string, string>, doors: number): boolean {
    if (troubles.size === 0) return this.set('ok', null);
    const words = [...troubles].map(([door, reason]) => (door === OWN_WORD ? reason : `${door}: ${reason}`)).join('; ');
    const closed = [...troubles.keys()].filter((door) => door !== OWN_WORD).length;
    return this.set(closed < doors ? 'degraded' : 'unavailable', words);
  }
}
