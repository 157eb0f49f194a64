import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '@/lib/clock/clock';
import { FieldlineError } from '@/lib/errors';
import type { Attempt } from './context';
import { Direction } from './direction';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A direction whose attempts the test answers. */
function make(paused = false) {
  const attempts: { attempt: Attempt; fail: (error: Error) => void; end: () => void }[] = [];
  const direction = new Direction({
    name: 'inbound',
    paused,
    clock: systemClock,
    log,
    carry: (attempt) =>
      new Promise<void>((resolve, reject) => {
        attempts.push({ attempt, fail: reject, end: resolve });
        attempt.signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
      }),
  });
  return { attempts, direction };
}

describe('Direction', () => {
  it('connects at once, is up once connected, and down when lost, with the reason', async () => {
    const { attempts, direction } = make();
    expect(direction.state).toBe('connecting');
    attempts[0]!.attempt.connected();
    expect(direction.state).toBe('up');
    attempts[0]!.fail(new FieldlineError('UNAVAILABLE', 'HQ is gone', { remedy: 'Check the link' }));
    await vi.waitFor(() => expect(direction.state).toBe('down'));
    expect(direction.error?.message).toBe('HQ is gone. Check the link');
    await direction.close();
  });

  it('tries again by itself, and forgets the reason once it is up', async () => {
    const { attempts, direction } = make();
    attempts[0]!.fail(new FieldlineError('UNAVAILABLE', 'nobody there'));
    await vi.waitFor(() => expect(attempts).toHaveLength(2));
    attempts[1]!.attempt.connected();
    expect(direction.state).toBe('up');
    expect(direction.error).toBeNull();
    await direction.close();
  });

  it('a wake ends the wait of a link that is down', async () => {
    const { attempts, direction } = make();
    for (let index = 0; index < 8; index++) {
      await vi.waitFor(() => expect(attempts).toHaveLength(index + 1));
      attempts[index]!.fail(new FieldlineError('UNAVAILABLE', 'nobody there'));
      await vi.waitFor(() => expect(direction.state).toBe('down'));
      direction.wake();
    }
    await vi.waitFor(() => expect(attempts).toHaveLength(9));
    await direction.close();
  });

  it('a pause ends the attempt without calling it an error; a resume begins another', async () => {
    const { attempts, direction } = make();
    attempts[0]!.attempt.connected();
    direction.pause();
    expect(direction.state).toBe('paused');
    expect(attempts[0]!.attempt.signal.aborted).toBe(true);
    attempts[0]!.attempt.connected();
    expect(direction.state).toBe('paused');
    direction.resume();
    await vi.waitFor(() => expect(attempts).toHaveLength(2));
    expect(direction.error).toBeNull();
    await direction.close();
  });

  it('begins paused where it was left paused', async () => {
    const { attempts, direction } = make(true);
    direction.wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect(attempts).toHaveLength(0);
    expect(direction.state).toBe('paused');
    await direction.close();
  });

  it('a divergence stops it until a person resumes', async () => {
    const { attempts, direction } = make();
    attempts[0]!.fail(new FieldlineError('LINK_DIVERGED', 'not the same'));
    await vi.waitFor(() => expect(direction.state).toBe('failed'));
    direction.wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect(attempts).toHaveLength(1);
    direction.resume();
    await vi.waitFor(() => expect(attempts).toHaveLength(2));
    await direction.close();
  });

  it('stays up while it looks again at what there is to carry', async () => {
    const { attempts, direction } = make();
    attempts[0]!.attempt.connected();
    attempts[0]!.end();
    await vi.waitFor(() => expect(attempts).toHaveLength(2));
    expect(direction.state).toBe('up');
    await direction.close();
  });
});
