/** The links driver with what a cluster tells: an edge's fabric with its extensions hidden. */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LinkDirectionName } from '@/lib/ports';
import { createKafkaRestStreams } from '../kafka-rest';
import { type ClusterDouble, startClusterDouble } from '../testing/cluster-double';
import { FabricProcess, temporaryDirectory } from '../testing/fabric-process';
import { createAdminLinks } from './index';

const IN = { stream: 'replicated', topic: 'BROADCAST' } as const;
const OUT = { stream: 'replicated', topic: 'REQUEST.alpha' } as const;
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 45_000, interval: 50 });

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
let hq: FabricProcess;
let alpha: FabricProcess;
let double: ClusterDouble;

beforeAll(async () => {
  root = await temporaryDirectory();
  hq = await new FabricProcess('hq', path.join(root.directory, 'hq')).start();
  alpha = await new FabricProcess('alpha', path.join(root.directory, 'alpha')).start();
  double = await startClusterDouble(() => alpha.rest);
});
afterAll(async () => {
  await double.close();
  await alpha.kill('SIGTERM');
  await hq.kill('SIGTERM');
  await root.remove();
});

describe('links of a cluster', () => {
  it('pair whole streams, tell their state, pause each direction, and say when HQ is away', async () => {
    const mission = `m${randomUUID().slice(0, 8)}`;
    const links = createAdminLinks({
      baseUrl: double.baseUrl,
      mission,
      site: 'alpha',
      upstream: hq.rest,
      inbound: [IN.topic],
      outbound: [OUT.topic],
    });
    const streams = {
      hq: createKafkaRestStreams({ baseUrl: hq.baseUrl, mission }),
      edge: createKafkaRestStreams({ baseUrl: double.baseUrl, mission }),
    };
    try {
      await streams.hq.ensureTopic(IN);
      await streams.edge.ensureTopic(OUT);
      await links.ensureLink();
      await links.ensureLink();
      await Promise.all([links.ensureLink(), links.ensureLink()]);
      const send = async (direction: LinkDirectionName, value: string) => {
        const [from, to, topic] =
          direction === 'inbound' ? [streams.hq, streams.edge, IN] : [streams.edge, streams.hq, OUT];
        await from.produce(topic, [{ key: 'k', value, headers: { n: value } }]);
        return async () => (await to.tail(topic, 100)).map((record) => `${record.value} ${record.headers.n}`);
      };
      for (const direction of ['inbound', 'outbound'] as const) {
        const arrived = await send(direction, 'one');
        await eventually(async () => expect(await arrived()).toEqual(['one one']));
      }
      await eventually(async () =>
        expect(await links.status()).toMatchObject({
          inbound: { state: 'up', lagRecords: 0, lastError: null },
          outbound: { state: 'up', lagRecords: 0, lastError: null },
          upstream: hq.rest,
          conditions: null,
          lastSeenAt: expect.any(Number),
        }),
      );
      for (const direction of ['inbound', 'outbound'] as const) {
        await links.pause(direction);
        await links.pause(direction);
        const arrived = await send(direction, 'two');
        await eventually(async () =>
          expect((await links.status())[direction]).toMatchObject({ state: 'paused', lagRecords: 1 }),
        );
        await links.ensureLink();
        expect(await arrived()).toEqual(['one one']);
        await links.resume(direction);
        await eventually(async () => expect(await arrived()).toEqual(['one one', 'two two']));
      }
      await expect(links.setConditions({ cut: true, bytesPerSecond: null, latencyMs: 0 })).rejects.toMatchObject({
        code: 'UNSUPPORTED',
      });
      await hq.kill();
      await eventually(async () => {
        const { outbound } = await links.status();
        expect(outbound.state).toBe('down');
        expect(outbound.lastError).toContain('ErrAllGatewaysUnreachable');
      });
      await hq.start();
      await eventually(async () => expect((await links.status()).outbound.state).toBe('up'));
      expect(double.strayParameters).toEqual([]);
    } finally {
      await links.close();
      await Promise.all([streams.hq.close(), streams.edge.close()]);
    }
  });
});
