/** Every limit of how often somebody may try or call, up to its last free one and beyond. */
import { describe, expect, test } from 'vitest';
import { hashPassword } from './passwords';
import { CallThrottle, SignInThrottle } from './throttle';

const LIMITED = { code: 'RATE_LIMITED', details: { retryAfterSeconds: expect.any(Number) } };
/** How many of `count` are let through, one after the other. */
async function passed(count: number, attempt: (n: number) => Promise<void>): Promise<number> {
  for (let n = 0; n < count; n++) {
    try {
      await attempt(n);
    } catch (error) {
      expect(error).toMatchObject(LIMITED);
      return n;
    }
  }
  return count;
}

describe('signing in', () => {
  test('with one name from many addresses pauses that name, for every address, and no other', async () => {
    const throttle = new SignInThrottle();
    expect(await passed(50, (n) => throttle.attempt('olga', `192.0.2.${n}`))).toBe(21);
    await expect(throttle.attempt('olga', '198.51.100.1')).rejects.toMatchObject(LIMITED);
    await throttle.attempt('anna', '198.51.100.1');
  });

  test('with many names from one address pauses that address, for every name, and no other', async () => {
    const throttle = new SignInThrottle();
    expect(await passed(80, (n) => throttle.attempt(`user${n}`, '192.0.2.1'))).toBe(41);
    await expect(throttle.attempt('anna', '192.0.2.1')).rejects.toMatchObject(LIMITED);
    await throttle.attempt('anna', '192.0.2.2');
  });

  test('with one name from one address pauses the two together', async () => {
    const throttle = new SignInThrottle();
    expect(await passed(20, () => throttle.attempt('olga', '192.0.2.1'))).toBe(6);
    await throttle.attempt('olga', '192.0.2.2');
    await throttle.attempt('anna', '192.0.2.1');
  });

  test('rightly forgets the tries before it', async () => {
    const throttle = new SignInThrottle();
    for (let n = 0; n < 30; n++) {
      await throttle.attempt('olga', '192.0.2.1');
      await throttle.succeeded('olga', '192.0.2.1');
    }
    expect(await passed(20, () => throttle.attempt('olga', '192.0.2.1'))).toBe(6);
  });

  test('of too many at once is refused before it costs memory', async () => {
    const hashes = await Promise.allSettled(Array.from({ length: 40 }, () => hashPassword('a password to hash')));
    const refused = hashes.filter((one) => one.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: 'RATE_LIMITED' });
    // And the next one finds a free turn.
    expect(await hashPassword('a password to hash')).toContain('$scrypt$');
  }, 60_000);
});

describe('calls', () => {
  test('of one identity are 6000 a minute, whoever else calls', async () => {
    const throttle = new CallThrottle();
    expect(await passed(6100, () => throttle.count({ identity: 'user:1' }))).toBe(6000);
    await throttle.count({ identity: 'user:2' });
  });

  test('of one address without an identity are 600 a minute, whoever else calls', async () => {
    const throttle = new CallThrottle();
    expect(await passed(700, () => throttle.count({ address: '192.0.2.1' }))).toBe(600);
    await throttle.count({ address: '192.0.2.2' });
    await throttle.count({ identity: '192.0.2.1' });
  });
});
