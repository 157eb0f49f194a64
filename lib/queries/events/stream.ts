/** The page's end of `GET /api/events`: one connection, events in batches, reconnecting with backoff. Knows nothing of what the events mean. */
import { type BackoffLimits, backoffMs } from '@/lib/clock/backoff';
import { EVENT_NAMES, type EventName, type EventPayload } from './names';

/** A batch per frame or so: a thousand events a second must not be a thousand renders. */
const FLUSH_INTERVAL_MS = 120;
/** More than this within one batch is cheaper to read anew than to apply. */
export const BATCH_EVENTS_MAX = 5000;
/** Jitter spreads the reconnects of many pages after a server's restart. */
const RECONNECT_BACKOFF: BackoffLimits = { minMs: 500, maxMs: 10_000, jitterShare: 0.2 };

export type StreamEvent = { [N in EventName]: { name: N; payload: EventPayload<N> } }[EventName];

export type StreamState =
  | { status: 'connecting' }
  | { status: 'live' }
  /** `nextAttemptAt` in ms since the epoch. */
  | { status: 'lost'; since: number; attempts: number; nextAttemptAt: number };

/** The part of EventSource that is used; a test gives its own. */
export interface EventSourceLike {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  onopen: (() => void) | null;
  onerror: (() => void) | null;
  close(): void;
}

export interface StreamOptions {
  url: string;
  onBatch(events: StreamEvent[]): void;
  /** More came than a batch holds; what was dropped must be read anew. */
  onOverflow(): void;
  onState(state: StreamState): void;
  open?: (url: string) => EventSourceLike;
}

const openEventSource = (url: string): EventSourceLike => new EventSource(url) as unknown as EventSourceLike;

/** Connects, and stays connected until the returned function is called. Resumes by the id of the last event. */
export function connectEvents({
  url,
  onBatch,
  onOverflow,
  onState,
  open = openEventSource,
}: StreamOptions): () => void {
  let source: EventSourceLike | null = null;
  let lastEventId = '';
  let lostSince: number | null = null;
  let attempts = 0;
  let reconnectTimer: ReturnType<typeof setTimeout> | undefined;
  let flushTimer: ReturnType<typeof setTimeout> | undefined;
  let batch: StreamEvent[] = [];
  let overflowed = false;
  let closed = false;

  const flush = () => {
    flushTimer = undefined;
    const events = batch;
    batch = [];
    if (events.length > 0) onBatch(events);
    if (overflowed) onOverflow();
    overflowed = false;
  };

  const receive = (name: EventName, message: MessageEvent<string>) => {
    if (message.lastEventId) lastEventId = message.lastEventId;
    if (batch.length >= BATCH_EVENTS_MAX) overflowed = true;
    else batch.push({ name, payload: JSON.parse(message.data) } as StreamEvent);
    flushTimer ??= setTimeout(flush, FLUSH_INTERVAL_MS);
  };

  const lose = () => {
    source?.close();
    source = null;
    if (closed) return;
    attempts += 1;
    lostSince ??= Date.now();
    const waitMs = backoffMs(attempts, RECONNECT_BACKOFF);
    onState({ status: 'lost', since: lostSince, attempts, nextAttemptAt: Date.now() + waitMs });
    reconnectTimer = setTimeout(connect, waitMs);
  };

  const connect = () => {
    const query = lastEventId ? `${url.includes('?') ? '&' : '?'}lastEventId=${encodeURIComponent(lastEventId)}` : '';
    const opened = open(`${url}${query}`);
    source = opened;
    opened.onopen = () => {
      attempts = 0;
      lostSince = null;
      onState({ status: 'live' });
    };
    // EventSource's own retry has a fixed pause and gives up on an HTTP error: this one does neither.
    opened.onerror = lose;
    for (const name of EVENT_NAMES) opened.addEventListener(name, (message) => receive(name, message));
  };

  onState({ status: 'connecting' });
  connect();
  return () => {
    closed = true;
    clearTimeout(reconnectTimer);
    clearTimeout(flushTimer);
    source?.close();
  };
}
