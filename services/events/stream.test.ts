import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { afterEach, expect, test, vi } from 'vitest';
import type { LogLine } from '@/lib/api/schemas';
import type { EventHub, HubEvent } from '../contract';
import { createEventHub } from './hub';
import { endStreams, openStreamCount } from './open-streams';
import { concernsSite } from './site-filter';
import { type EventStreamOptions, eventStream } from './stream';

afterEach(() => {
  endStreams();
  vi.useRealTimers();
});

const line = (message: string, site = 'hq'): LogLine => ({
  at: '2026-01-01T00:00:00Z',
  site,
  service: 'downloader',
  level: 'info',
  message,
});

/** A client that reads events one at a time, and can stop reading. */
function connect(hub: EventHub, options: Partial<EventStreamOptions> = {}) {
  const abort = new AbortController();
  let snapshots = 0;
  const stream = eventStream({
    hub,
    snapshot: async () => ({ number: ++snapshots }),
    lastEventId: null,
    signal: abort.signal,
    ...options,
  });
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const events: EventSourceMessage[] = [];
  const comments: string[] = [];
  let retryMs = 0;
  const parser = createParser({
    onEvent: (event) => events.push(event),
    onComment: (text) => comments.push(text),
    onRetry: (ms) => {
      retryMs = ms;
    },
  });
  return {
    abort,
    reader,
    comments,
    get snapshots() {
      return snapshots;
    },
    get retryMs() {
      return retryMs;
    },
    /** The next event; null at the end of the stream. */
    async next(): Promise<EventSourceMessage | null> {
      while (events.length === 0) {
        const { value, done } = await reader.read();
        if (done) return null;
        parser.feed(decoder.decode(value));
      }
      return events.shift()!;
    },
  };
}
const messageOf = (event: EventSourceMessage | null) => (event ? (JSON.parse(event.data) as LogLine).message : null);

test('a new client gets a snapshot, then every later change with its id', async () => {
  const hub = createEventHub();
  hub.publish('log', line('before'));
  const client = connect(hub);
  const first = await client.next();
  expect(first).toMatchObject({ event: 'snapshot', id: hub.lastId, data: '{"number":1}' });
  expect(client.retryMs).toBeGreaterThan(0);
  hub.publish('log', line('a'));
  hub.publish('log', line('b'));
  expect(messageOf(await client.next())).toBe('a');
  const last = await client.next();
  expect(messageOf(last)).toBe('b');
  expect(last?.id).toBe(hub.lastId);
});

test('a change during the reading of the snapshot is not lost', async () => {
  const hub = createEventHub();
  const client = connect(hub, {
    snapshot: async () => {
      hub.publish('log', line('meanwhile'));
      return {};
    },
  });
  expect((await client.next())?.event).toBe('snapshot');
  expect(messageOf(await client.next())).toBe('meanwhile');
});

test('a client that comes back gets what it missed and no snapshot', async () => {
  const hub = createEventHub();
  const lastEventId = hub.lastId;
  hub.publish('log', line('missed'));
  const client = connect(hub, { lastEventId });
  expect(messageOf(await client.next())).toBe('missed');
  hub.publish('log', line('new'));
  expect(messageOf(await client.next())).toBe('new');
  expect(client.snapshots).toBe(0);
});

test('an id of another life of the server leads to a snapshot', async () => {
  const client = connect(createEventHub(), { lastEventId: createEventHub().lastId });
  expect((await client.next())?.event).toBe('snapshot');
});

test('a client that missed more than may wait gets a snapshot', async () => {
  const hub = createEventHub();
  const lastEventId = hub.lastId;
  for (const message of ['a', 'b', 'c']) hub.publish('log', line(message));
  const client = connect(hub, { lastEventId, limits: { queueEventsMax: 2 } });
  expect((await client.next())?.event).toBe('snapshot');
});

test('a client that falls behind gets a snapshot in place of the events, and later ones again', async () => {
  const hub = createEventHub();
  const client = connect(hub, { limits: { queueEventsMax: 5, resyncMsMin: 0 } });
  await client.next();
  for (let count = 0; count < 50; count += 1) hub.publish('log', line(`lost ${count}`));
  const second = await client.next();
  expect(second).toMatchObject({ event: 'snapshot', data: '{"number":2}', id: hub.lastId });
  hub.publish('log', line('after'));
  expect(messageOf(await client.next())).toBe('after');
});

test('what waits for a client is bounded in characters too', async () => {
  const hub = createEventHub();
  const client = connect(hub, { limits: { queueCharsMax: 1000, resyncMsMin: 0 } });
  await client.next();
  hub.publish('log', line('x'.repeat(2000)));
  expect((await client.next())?.event).toBe('snapshot');
});

test('a client that never reads is dropped, and leaves nothing behind', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
  const hub = createEventHub();
  const listeners = new Set<unknown>();
  const counting: EventHub = {
    ...hub,
    get lastId() {
      return hub.lastId;
    },
    subscribe(listener: (event: HubEvent) => void) {
      listeners.add(listener);
      const unsubscribe = hub.subscribe(listener);
      return () => {
        listeners.delete(listener);
        unsubscribe();
      };
    },
  };
  const client = connect(counting, { limits: { stallMsMax: 1000 } });
  await client.next();
  expect([listeners.size, openStreamCount()]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(1300);
  expect([listeners.size, openStreamCount()]).toEqual([0, 0]);
  expect(await client.next()).toBeNull();
});

test('a client that waits for news is not taken for stalled', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'] });
  const hub = createEventHub();
  const client = connect(hub, { limits: { stallMsMax: 1000 } });
  await client.next();
  const waiting = client.next();
  await vi.advanceTimersByTimeAsync(5000);
  hub.publish('log', line('at last'));
  expect(messageOf(await waiting)).toBe('at last');
});

test('a quiet line carries comments', async () => {
  const hub = createEventHub();
  const client = connect(hub, { limits: { heartbeatMs: 1 } });
  await client.next();
  const waiting = client.next();
  await vi.waitFor(() => expect(client.comments.length).toBeGreaterThan(1));
  hub.publish('log', line('a'));
  expect(messageOf(await waiting)).toBe('a');
});

test.each([
  ['the request is aborted', (client: ReturnType<typeof connect>) => client.abort.abort()],
  ['the reader cancels', (client: ReturnType<typeof connect>) => void client.reader.cancel()],
  ['the server shuts down', () => endStreams()],
])('when %s, the stream ends and unsubscribes', async (_name, leave) => {
  const hub = createEventHub();
  const client = connect(hub);
  await client.next();
  const waiting = client.next();
  leave(client);
  expect(await waiting).toBeNull();
  expect(openStreamCount()).toBe(0);
  hub.publish('log', line('nobody listens'));
});

test('a request that was aborted before it began opens nothing', async () => {
  const client = connect(createEventHub(), { signal: AbortSignal.abort() });
  expect(await client.next()).toBeNull();
  expect(openStreamCount()).toBe(0);
});

test('a snapshot that fails ends the stream, so that the client comes again', async () => {
  const errors: unknown[] = [];
  const client = connect(createEventHub(), {
    snapshot: () => Promise.reject(new Error('the table is gone')),
    onError: (error) => errors.push(error),
  });
  expect(await client.next()).toBeNull();
  expect(errors).toHaveLength(1);
  expect(openStreamCount()).toBe(0);
});

test('there are only so many streams', () => {
  const hub = createEventHub();
  connect(hub, { limits: { streamsMax: 1 } });
  expect(() => connect(hub, { limits: { streamsMax: 1 } })).toThrow(/1 event streams/);
});

test('a client sees only what it wants', async () => {
  const hub = createEventHub();
  const client = connect(hub, { wants: (event) => concernsSite(event, 'alpha', 'edge') });
  await client.next();
  hub.publish('log', line('not for alpha', 'hq'));
  hub.publish('log', line('for alpha', 'alpha'));
  expect(messageOf(await client.next())).toBe('for alpha');
});
