import { afterEach, expect, test, vi } from 'vitest';
import { openStreamCount, registerStream } from '../events/open-streams';
import { onShutdownSignals, SHUTDOWN_MS_MAX, shutDown } from './shutdown';

afterEach(() => {
  vi.useRealTimers();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal);
});

test('streams end before the services stop, then the process exits with 0', async () => {
  const order: string[] = [];
  const unregister = registerStream(() => {
    order.push('stream');
    unregister();
  });
  await shutDown({
    stop: async () => void order.push('services'),
    exit: (code) => order.push(`exit ${code}`),
    say: (text) => order.push(text),
  });
  expect(order).toEqual(['stream', 'services', 'exit 0']);
  expect(openStreamCount()).toBe(0);
});

test('a service that will not stop ends in exit 1 at the deadline, with a sentence', async () => {
  vi.useFakeTimers();
  const said: string[] = [];
  const exits: number[] = [];
  const done = shutDown({
    stop: () => new Promise(() => undefined),
    exit: (code) => exits.push(code),
    say: (text) => said.push(text),
  });
  await vi.advanceTimersByTimeAsync(SHUTDOWN_MS_MAX);
  await done;
  expect(exits).toEqual([1]);
  expect(said.join()).toContain(`${SHUTDOWN_MS_MAX} ms`);
});

test('a failing stop is said and exits with 1', async () => {
  const said: string[] = [];
  const exits: number[] = [];
  await shutDown({
    stop: () => Promise.reject(new Error('the lid is stuck')),
    exit: (code) => exits.push(code),
    say: (text) => said.push(text),
  });
  expect(exits).toEqual([1]);
  expect(said.join()).toContain('the lid is stuck');
});

test('the first signal stops, later ones change nothing', () => {
  const exits: number[] = [];
  const stop = vi.fn(() => new Promise<void>(() => undefined));
  onShutdownSignals({ stop, exit: (code) => exits.push(code), say: () => undefined });
  process.emit('SIGTERM');
  expect(stop).toHaveBeenCalledTimes(1);
  expect(exits).toEqual([]);
  process.emit('SIGINT');
  process.emit('SIGTERM');
  expect(stop).toHaveBeenCalledTimes(1);
  expect(exits).toEqual([]);
});
