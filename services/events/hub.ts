import { randomBytes } from 'node:crypto';
import type { EventName, EventPayload } from '@/lib/api/schemas';
import type { EventHub, HubEvent } from '../contract';

/** Events kept for clients that come back. An asset event is at most about 8 KiB (tiny preview), so the ring holds 8 MiB at worst. */
export const EVENTS_KEPT_MAX = 1024;
/** Random part of the epoch: two starts within one millisecond still differ. */
const EPOCH_RANDOM_BYTES = 4;

export interface EventHubOptions {
  /** Events kept for resuming clients; default EVENTS_KEPT_MAX. */
  kept?: number;
  /** Names this hub's life; ids of another epoch are stale. Default: unique for each hub. */
  epoch?: string;
  /** A listener that throws is dropped and reported here; the others and the publisher are not harmed. */
  onListenerError?: (error: unknown) => void;
}

/** The in-process event hub: a bounded ring, and listeners called in order. Ids are `<epoch>-<sequence>`. */
export function createEventHub(options: EventHubOptions = {}): EventHub {
  const kept = options.kept ?? EVENTS_KEPT_MAX;
  const epoch = options.epoch ?? `${Date.now().toString(36)}${randomBytes(EPOCH_RANDOM_BYTES).toString('hex')}`;
  const listeners = new Set<(event: HubEvent) => void>();
  const ring: HubEvent[] = new Array(kept);
  let sequence = 0;

  const idOf = (at: number) => `${epoch}-${at}`;

  return {
    get lastId() {
      return idOf(sequence);
    },
    publish<N extends EventName>(name: N, payload: EventPayload<N>) {
      sequence += 1;
      const event: HubEvent = { id: idOf(sequence), name, payload };
      ring[sequence % kept] = event;
      for (const listener of [...listeners]) {
        try {
          listener(event);
        } catch (error) {
          listeners.delete(listener);
          options.onListenerError?.(error);
        }
      }
    },
    subscribe(listener) {
      // A wrapper of its own for each subscription: the same function may subscribe twice.
      const own = (event: HubEvent) => listener(event);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
    since(id) {
      const at = sequenceOf(id, epoch);
      if (at === null || at > sequence || at < sequence - kept) return null;
      const events: HubEvent[] = [];
      for (let next = at + 1; next <= sequence; next += 1) events.push(ring[next % kept]!);
      return events;
    },
  };
}

/** The sequence number in an id of this epoch; null for anything else. */
function sequenceOf(id: string, epoch: string): number | null {
  const dash = id.lastIndexOf('-');
  if (dash < 0 || id.slice(0, dash) !== epoch) return null;
  const digits = id.slice(dash + 1);
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}
