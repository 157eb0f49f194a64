import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Shaper } from './shaper';

describe('Shaper', () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
  afterEach(() => vi.useRealTimers());

  it('lets everything through at once without a limit', () => {
    const shaper = new Shaper();
    const got: Buffer[] = [];
    const flow = shaper.flow((chunk) => got.push(chunk));
    flow.push(Buffer.alloc(1_000_000, 1));
    expect(Buffer.concat(got)).toHaveLength(1_000_000);
  });

  it('keeps the rate, whatever the sizes of the chunks', () => {
    const shaper = new Shaper();
    shaper.setRate(10_000);
    let bytes = 0;
    const flow = shaper.flow((chunk) => {
      bytes += chunk.length;
    });
    flow.push(Buffer.alloc(50_000));
    vi.advanceTimersByTime(1000);
    expect(bytes).toBeGreaterThan(9_000);
    expect(bytes).toBeLessThanOrEqual(10_500);
    vi.advanceTimersByTime(4200);
    expect(bytes).toBe(50_000);
  });

  it('keeps the bytes of a connection in order and whole', () => {
    const shaper = new Shaper();
    shaper.setRate(1_000);
    const sent = Buffer.from(Array.from({ length: 997 }, (_, index) => index % 251));
    const got: Buffer[] = [];
    const flow = shaper.flow((chunk) => got.push(Buffer.from(chunk)));
    for (let at = 0; at < sent.length; at += 100) flow.push(sent.subarray(at, at + 100));
    vi.advanceTimersByTime(2_000);
    expect(Buffer.concat(got).equals(sent)).toBe(true);
  });

  it('shares between connections: a small message does not wait for a large file', () => {
    const shaper = new Shaper();
    shaper.setRate(10_000);
    let large = 0;
    const first = shaper.flow((chunk) => {
      large += chunk.length;
    });
    let smallAfter: number | null = null;
    const second = shaper.flow(() => {
      smallAfter ??= large;
    });
    first.push(Buffer.alloc(100_000));
    second.push(Buffer.alloc(100));
    vi.advanceTimersByTime(500);
    expect(smallAfter).not.toBeNull();
    expect(smallAfter).toBeLessThan(2_000);
  });

  it('halves the rate between two that both have much to carry', () => {
    const shaper = new Shaper();
    shaper.setRate(20_000);
    const bytes = [0, 0];
    const flows = [0, 1].map((index) =>
      shaper.flow((chunk) => {
        bytes[index]! += chunk.length;
      }),
    );
    for (const flow of flows) flow.push(Buffer.alloc(50_000));
    vi.advanceTimersByTime(2_000);
    expect(Math.abs(bytes[0]! - bytes[1]!)).toBeLessThan(2_000);
  });

  it('applies a new rate to what is queued', () => {
    const shaper = new Shaper();
    shaper.setRate(1);
    let bytes = 0;
    const flow = shaper.flow((chunk) => {
      bytes += chunk.length;
    });
    flow.push(Buffer.alloc(5_000));
    vi.advanceTimersByTime(1_000);
    expect(bytes).toBeLessThan(10);
    shaper.setRate(null);
    expect(bytes).toBe(5_000);
  });

  it('calls back after what was pushed before, and forgets a closed connection', () => {
    const shaper = new Shaper();
    shaper.setRate(1_000);
    const events: string[] = [];
    const flow = shaper.flow(() => events.push('data'));
    const closed = shaper.flow(() => events.push('never'));
    closed.push(Buffer.alloc(500));
    closed.close();
    flow.push(Buffer.alloc(10));
    flow.afterAll(() => events.push('end'));
    vi.advanceTimersByTime(1_000);
    expect(events).toEqual(['data', 'end']);
  });
});
