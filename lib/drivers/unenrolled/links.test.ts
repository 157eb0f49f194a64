import { expect, it } from 'vitest';
import { createUnenrolledLinks } from './index';

it('says that the edge is not enrolled, and has nothing to pause', async () => {
  const links = createUnenrolledLinks('alpha', { now: () => 5, sleep: async () => undefined });
  await links.ensureLink();
  expect(await links.status()).toMatchObject({
    upstream: null,
    asOf: 5,
    inbound: { state: 'failed', lastError: 'alpha is not enrolled: it knows no HQ yet' },
    outbound: { state: 'failed' },
  });
  await expect(links.pause('inbound')).rejects.toMatchObject({
    code: 'CONFLICT',
    remedy: expect.stringContaining('token'),
  });
});
