import { expect, test } from 'vitest';
import type { LogLine } from '@/lib/api/schemas';
import type { HubEvent } from '../contract';
import { createEventHub } from './hub';

const line = (message: string): LogLine => ({
  at: '2026-01-01T00:00:00Z',
  site: 'hq',
  service: 'downloader',
  level: 'info',
  message,
});
const messages = (events: HubEvent[] | null) => events?.map((event) => (event.payload as LogLine).message);

test('listeners get later events, in order, until they unsubscribe', () => {
  const hub = createEventHub();
  hub.publish('log', line('before'));
  const seen: HubEvent[] = [];
  const unsubscribe = hub.subscribe((event) => seen.push(event));
  hub.publish('log', line('a'));
  hub.publish('log', line('b'));
  unsubscribe();
  hub.publish('log', line('after'));
  expect(messages(seen)).toEqual(['a', 'b']);
  expect(seen[1]?.id).not.toBe(seen[0]?.id);
});

test('a client resumes after the id it has seen', () => {
  const hub = createEventHub();
  hub.publish('log', line('a'));
  const id = hub.lastId;
  expect(hub.since(id)).toEqual([]);
  hub.publish('log', line('b'));
  hub.publish('log', line('c'));
  expect(messages(hub.since(id))).toEqual(['b', 'c']);
});

test('an id that has left the ring, of another epoch, of the future, or rubbish needs a snapshot', () => {
  const hub = createEventHub({ kept: 3, epoch: 'e' });
  const start = hub.lastId;
  for (const message of ['a', 'b', 'c']) hub.publish('log', line(message));
  expect(messages(hub.since(start))).toEqual(['a', 'b', 'c']);
  hub.publish('log', line('d'));
  expect(hub.since(start)).toBeNull();
  expect(hub.since('e-99')).toBeNull();
  for (const id of ['', 'e', 'e-', 'e-x', 'e--1', 'f-4', 'e-1e2', '-4']) expect(hub.since(id)).toBeNull();
  expect(createEventHub().since(hub.lastId)).toBeNull();
});

test('two hubs never share ids', () => {
  expect(createEventHub().lastId).not.toBe(createEventHub().lastId);
});

test('a listener that throws is dropped and reported; the others still get the event', () => {
  const errors: unknown[] = [];
  const hub = createEventHub({ onListenerError: (error) => errors.push(error) });
  const seen: HubEvent[] = [];
  hub.subscribe(() => {
    throw new Error('broken listener');
  });
  hub.subscribe((event) => seen.push(event));
  hub.publish('log', line('a'));
  hub.publish('log', line('b'));
  expect(errors).toHaveLength(1);
  expect(messages(seen)).toEqual(['a', 'b']);
});

test('a listener may unsubscribe another one while an event is being delivered', () => {
  const hub = createEventHub();
  const seen: string[] = [];
  const unsubscribes: (() => void)[] = [];
  unsubscribes.push(
    hub.subscribe(() => {
      seen.push('first');
      unsubscribes[1]?.();
    }),
  );
  unsubscribes.push(hub.subscribe(() => seen.push('second')));
  hub.publish('log', line('a'));
  hub.publish('log', line('b'));
  expect(seen.filter((who) => who === 'first')).toHaveLength(2);
  expect(seen.filter((who) => who === 'second').length).toBeLessThanOrEqual(1);
});
