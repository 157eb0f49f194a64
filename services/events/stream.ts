import { FieldlineError } from '@/lib/errors';
import type { EventHub, HubEvent } from '../contract';
import { openStreamCount, registerStream } from './open-streams';

/** Events that wait for one client; more than these and it gets a new snapshot instead. */
export const QUEUE_EVENTS_MAX = 256;
/** Characters that wait for one client: some 200 assets with their tiny previews. */
export const QUEUE_CHARS_MAX = 1024 * 1024;
/** A comment after this long without an event, so that proxies and clients know that the line is alive. */
export const HEARTBEAT_MS = 15_000;
/** A client that can not keep up gets snapshots at most this often. */
export const RESYNC_MS_MIN = 1_000;
/** A client that reads nothing for this long is let go. */
export const STALL_MS_MAX = 60_000;
/** Streams of one process; each holds at most QUEUE_CHARS_MAX. */
export const STREAMS_MAX = 200;
/** What an EventSource waits before it connects again. */
const RETRY_MS = 2_000;

export interface EventStreamOptions {
  hub: EventHub;
  /** Reads the snapshot that starts a stream and that a client gets which fell behind. */
  snapshot: () => Promise<unknown>;
  /** Which events the client wants; all when absent. */
  wants?: (event: HubEvent) => boolean;
  /** The last event that the client has seen; null for a new one. */
  lastEventId: string | null;
  /** Aborts when the client is gone. */
  signal: AbortSignal;
  /** Hears why a stream ended that neither side meant to end. */
  onError?: (error: unknown) => void;
  limits?: Partial<typeof LIMITS>;
}
const LIMITS = {
  queueEventsMax: QUEUE_EVENTS_MAX,
  queueCharsMax: QUEUE_CHARS_MAX,
  heartbeatMs: HEARTBEAT_MS,
  resyncMsMin: RESYNC_MS_MIN,
  stallMsMax: STALL_MS_MAX,
  streamsMax: STREAMS_MAX,
};

/** One text per event, whatever the number of clients. */
const texts = new WeakMap<HubEvent, string>();

function textOf(event: HubEvent): string {
  let text = texts.get(event);
  if (text === undefined) {
    text = sse(event.id, event.name, event.payload);
    texts.set(event, text);
  }
  return text;
}

const sse = (id: string, name: string, payload: unknown) =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(payload)}\n\n`;

/**
 * The hub as server-sent events (WHATWG HTML, 9.2). Nothing is produced before the client reads, and no more is kept for it than the
 * limits say: one that stalls is dropped, one that is slow loses events and gets a snapshot in their place.
 * Fails with UNAVAILABLE when the process serves as many streams as it may.
 */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const limits = { ...LIMITS, ...options.limits };
  if (openStreamCount() >= limits.streamsMax)
    throw new FieldlineError('UNAVAILABLE', `This server has ${limits.streamsMax} event streams open already`, {
      remedy: 'Close pages that are not needed',
    });
  const feed = new ClientFeed(options, limits);
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => feed.open(() => controller.close()),
      async pull(controller) {
        const text = await feed.next();
        if (text !== null) controller.enqueue(encoder.encode(text));
      },
      cancel: () => feed.close(),
    },
    { highWaterMark: 0 },
  );
}

/** What waits for one client. */
class ClientFeed {
  #queue: string[] = [];
  #queuedChars = 0;
  /** True: what the client has is no basis for the next event. */
  #needsSnapshot = true;
  #snapshotAtMs = Number.NEGATIVE_INFINITY;
  #greeted = false;
  #closed = false;
  #reading = false;
  #readAtMs = performance.now();
  #wake: () => void = () => undefined;
  readonly #cleanups: (() => void)[] = [];

  constructor(
    private readonly options: EventStreamOptions,
    private readonly limits: typeof LIMITS,
  ) {}

  /** Begins to listen. `end` closes the client's stream. */
  open(end: () => void): void {
    const { hub, lastEventId, signal } = this.options;
    const missed = lastEventId === null ? null : hub.since(lastEventId);
    this.#needsSnapshot = missed === null;
    for (const event of missed ?? []) this.#offer(event);
    const close = () => this.close();
    this.#cleanups.push(
      hub.subscribe((event) => this.#offer(event)),
      registerStream(close),
      () => signal.removeEventListener('abort', close),
      () => clearInterval(watch),
      end,
    );
    const watch = setInterval(() => this.#dropWhenStalled(), Math.max(1, this.limits.stallMsMax / 4));
    watch.unref();
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
  }

  /** Ends the stream, once: nothing of it stays behind. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue = [];
    for (const cleanup of this.#cleanups) {
      try {
        cleanup();
      } catch (error) {
        // The stream may be cancelled already, which is no reason to leave the rest in place.
        if (!(error instanceof TypeError)) throw error;
      }
    }
    this.#wake();
  }

  /** The next text for the client, waiting for one; null when the stream has ended. */
  async next(): Promise<string | null> {
    this.#reading = true;
    try {
      while (!this.#closed) {
        if (this.#needsSnapshot) {
          const snapshot = await this.#snapshot();
          if (snapshot !== null) return this.#greet(snapshot);
        } else if (this.#queue.length > 0) {
          const text = this.#queue.join('');
          this.#queue = [];
          this.#queuedChars = 0;
          return this.#greet(text);
        } else if (!(await this.#waitForWork(this.limits.heartbeatMs))) {
          return this.#greet(': still here\n\n');
        }
      }
      return null;
    } finally {
      this.#reading = false;
      this.#readAtMs = performance.now();
    }
  }

  #greet(text: string): string {
    if (this.#greeted) return text;
    this.#greeted = true;
    return `retry: ${RETRY_MS}\n\n${text}`;
  }

  #offer(event: HubEvent): void {
    if (this.#closed || this.#needsSnapshot || !(this.options.wants?.(event) ?? true)) return;
    const text = textOf(event);
    this.#queue.push(text);
    this.#queuedChars += text.length;
    if (this.#queue.length > this.limits.queueEventsMax || this.#queuedChars > this.limits.queueCharsMax) {
      this.#queue = [];
      this.#queuedChars = 0;
      this.#needsSnapshot = true;
    }
    this.#wake();
  }

  /** Events from the moment of reading on are queued behind it; a change seen by both arrives twice, never not at all. */
  async #snapshot(): Promise<string | null> {
    const waitMs = this.#snapshotAtMs + this.limits.resyncMsMin - performance.now();
    if (waitMs > 0) {
      await this.#waitForWork(waitMs);
      if (this.#closed || this.#snapshotAtMs + this.limits.resyncMsMin > performance.now()) return null;
    }
    const { hub } = this.options;
    const id = hub.lastId;
    this.#needsSnapshot = false;
    try {
      const payload = await this.options.snapshot();
      this.#snapshotAtMs = performance.now();
      return this.#closed ? null : sse(id, 'snapshot', payload);
    } catch (error) {
      this.options.onError?.(error);
      this.close();
      return null;
    }
  }

  /** True when woken, false when the time has passed. */
  #waitForWork(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve(true);
      };
    });
  }

  #dropWhenStalled(): void {
    if (!this.#reading && performance.now() - this.#readAtMs > this.limits.stallMsMax) this.close();
  }
}
