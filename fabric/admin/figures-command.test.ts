import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { FabricFigures } from '@/lib/ports/figures';
import { openTopicStore } from '../log';
import { openVolumes } from '../volumes';
import { registerFiguresCommand } from './figures-command';
import type { AdminCommand } from './types';

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

it('tells the disk, the logs and the volumes as they are', async () => {
  const dataDirectory = await mkdtemp(path.join(tmpdir(), 'fieldline-figures-'));
  const topics = await openTopicStore(path.join(dataDirectory, 'topics'), { log });
  const volumes = await openVolumes({ directory: path.join(dataDirectory, 'volumes'), siteId: 'hq', log });
  await topics.create('m.pipeline.A', { partitions: 2 });
  await (await volumes.create({ name: 'assets' })).put('f', Readable.from([Buffer.alloc(10)]));
  const commands = new Map<string, AdminCommand>();
  const kafka = () => ({ connections: 1, apis: [] });
  registerFiguresCommand(
    { register: (name, command) => void commands.set(name, command) },
    { dataDirectory, topics, volumes, kafka },
  );
  const { data } = await commands.get('fabric/figures')!.run({} as never, async () => undefined);
  expect(data).toMatchObject([
    {
      kafka: { connections: 1 },
      topics: { topics: 1, partitions: 2 },
      volumes: [{ name: 'assets', files: 1, bytes: 10 }],
    },
  ]);
  const { disk, process, startedAt } = data![0] as unknown as FabricFigures;
  expect(disk.sizeBytes).toBeGreaterThan(disk.freeBytes);
  expect(process.residentBytes).toBeGreaterThan(1e6);
  expect(Date.now()).toBeGreaterThanOrEqual(startedAt);
  await volumes.close();
  await topics.close();
  await rm(dataDirectory, { recursive: true });
});
