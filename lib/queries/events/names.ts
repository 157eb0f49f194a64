import type { EventName } from '@/lib/api/schemas';

export type { EventName, EventPayload } from '@/lib/api/schemas';

/** The names as values, without pulling the schemas into the browser; the compiler holds them complete. */
const NAMES: Record<EventName, true> = {
  snapshot: true,
  site: true,
  service: true,
  asset: true,
  request: true,
  link: true,
  mirror: true,
  log: true,
  job: true,
};
export const EVENT_NAMES = Object.keys(NAMES) as EventName[];
