import { HQ_SITE_ID } from '@/lib/domain/naming';

/** Doors of the n-th site on one machine: `base + 10 n`. */
const KAFKA_PORT_BASE = 19_092;
const REST_PORT_BASE = 18_443;
const PORT_STEP = 10;

/** HQ is the 0th site; edges are counted by their name in the spelling alphabet, so that two edges on one machine do not collide. */
const SPELLING_ALPHABET =
  'alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform victor whiskey xray yankee zulu'.split(
    ' ',
  );

/** The number of a site on one machine: hq 0, alpha 1, bravo 2 ...; a name outside the alphabet counts as 1. */
export function siteNumber(id: string): number {
  if (id === HQ_SITE_ID) return 0;
  return Math.max(0, SPELLING_ALPHABET.indexOf(id)) + 1;
}

export const defaultKafkaPort = (id: string) => KAFKA_PORT_BASE + PORT_STEP * siteNumber(id);
export const defaultRestPort = (id: string) => REST_PORT_BASE + PORT_STEP * siteNumber(id);

/** Embedded sites with default ports, as raw settings. The edges dial `upstream`, or the HQ of the same installation. */
export function defaultSites(ids: readonly string[], upstream?: string) {
  return ids.map((id) => ({
    id,
    role: id === HQ_SITE_ID ? 'hq' : 'edge',
    fabric: {
      kind: 'embedded' as const,
      host: '127.0.0.1',
      kafkaPort: defaultKafkaPort(id),
      restPort: defaultRestPort(id),
    },
    ...(id !== HQ_SITE_ID && upstream ? { upstream } : {}),
  }));
}
