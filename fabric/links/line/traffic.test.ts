import { describe, expect, it } from 'vitest';
import { TrafficMeter } from './traffic';

function meterAt() {
  const time = { ms: 0 };
  return { time, meter: new TrafficMeter(() => time.ms) };
}

describe('TrafficMeter', () => {
  it('does not know before it has seen enough', () => {
    const { meter } = meterAt();
    const connection = meter.connection();
    connection.sent(10);
    connection.received(4_000);
    expect(meter.estimatedBytesPerSecond).toBeNull();
    expect([meter.bytesIn, meter.bytesOut]).toEqual([4_000, 10]);
  });

  it('estimates from within an answer, not from the wait before it', () => {
    const { meter, time } = meterAt();
    const connection = meter.connection();
    connection.sent(10);
    time.ms = 4_000; // A long poll: the link idles.
    for (let chunk = 0; chunk < 41; chunk++) {
      connection.received(1_000);
      time.ms += 50;
    }
    expect(meter.estimatedBytesPerSecond).toBeCloseTo(20_000);
  });

  it('adds up connections that share the link', () => {
    const { meter, time } = meterAt();
    const connections = [meter.connection(), meter.connection()];
    for (const connection of connections) connection.sent(1);
    for (let chunk = 0; chunk < 200; chunk++) {
      for (const connection of connections) connection.received(1_000);
      time.ms += 50;
    }
    expect(meter.estimatedBytesPerSecond).toBeGreaterThan(35_000);
    expect(meter.estimatedBytesPerSecond).toBeLessThan(45_000);
  });

  it('is not misled by a trickle of small answers', () => {
    const { meter, time } = meterAt();
    const connection = meter.connection();
    for (let poll = 0; poll < 500; poll++) {
      connection.sent(50);
      time.ms += 10;
      connection.received(1_000);
    }
    expect(meter.estimatedBytesPerSecond).toBeNull();
  });

  it('does not take a sender that gets ready in parts for a slow line', () => {
    const { meter, time } = meterAt();
    for (let handshake = 0; handshake < 20; handshake++) {
      const connection = meter.connection();
      connection.sent(300);
      for (const bytes of [150, 2_500, 1_200]) {
        time.ms += 200;
        connection.received(bytes);
      }
    }
    expect(meter.estimatedBytesPerSecond).toBeNull();
  });

  it('knows what it can carry at least from an answer that came at once', () => {
    const { meter, time } = meterAt();
    const connection = meter.connection();
    const ask = (answer: number[], afterMs: number) => {
      connection.sent(20);
      time.ms += afterMs;
      for (const bytes of answer) connection.received(bytes);
    };
    ask([500], 1);
    expect(meter.provenBytesPerSecond).toBeNull();
    ask([20_000, 20_000], 4);
    expect(meter.provenBytesPerSecond).toBe(10_000_000);
    // A long poll: most of the time nothing was to be carried.
    ask([3_000], 500);
    expect(meter.provenBytesPerSecond).toBe(10_000_000);
    expect(meter.estimatedBytesPerSecond).toBeNull();
    meter.reset();
    expect(meter.provenBytesPerSecond).toBeNull();
  });

  it('counts the time of an answer from the first part of its question', () => {
    const { meter, time } = meterAt();
    const connection = meter.connection();
    connection.sent(20);
    time.ms += 99;
    connection.sent(20);
    time.ms += 1;
    connection.received(10_000);
    expect(meter.provenBytesPerSecond).toBe(100_000);
  });

  it('follows a link that became slower', () => {
    const { meter, time } = meterAt();
    const connection = meter.connection();
    const bring = (chunks: number, gapMs: number) => {
      for (let chunk = 0; chunk < chunks; chunk++) {
        time.ms += gapMs;
        connection.received(4_000);
      }
    };
    bring(100, 1);
    const fast = meter.estimatedBytesPerSecond!;
    bring(100, 100);
    expect(meter.estimatedBytesPerSecond!).toBeLessThan(fast / 20);
  });
});
