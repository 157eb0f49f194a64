import { statfs } from 'node:fs/promises';
import type { FabricFigures } from '@/lib/ports/figures';
import type { TopicStore } from '../log/types';
import type { VolumeStore } from '../volumes';
import { type AdminCommands, READ } from './types';

export const FIGURES_EXTENSIONS = ['fabric.figures'];

const MICROSECONDS = 1_000_000;

export interface FiguresParts {
  dataDirectory: string;
  kafka: () => FabricFigures['kafka'];
  topics: TopicStore;
  volumes: VolumeStore;
}

/** `fabric/figures`, ours: what this process knows of itself, for metrics. Everything is read from memory but the free space. */
export function registerFiguresCommand(commands: AdminCommands, parts: FiguresParts): void {
  const startedAt = Date.now();
  commands.register('fabric/figures', {
    methods: READ,
    run: async () => {
      const { bavail, blocks, bsize } = await statfs(parts.dataDirectory);
      const { user, system } = process.cpuUsage();
      const topics = parts.topics.list();
      const figures: FabricFigures = {
        startedAt,
        disk: { freeBytes: bavail * bsize, sizeBytes: blocks * bsize },
        process: { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / MICROSECONDS },
        kafka: parts.kafka(),
        topics: {
          topics: topics.length,
          partitions: topics.reduce((sum, { partitions }) => sum + partitions, 0),
          bytes: topics.reduce((sum, { name }) => sum + parts.topics.bytes(name), 0),
        },
        volumes: await Promise.all(
          parts.volumes.list().map(async (volume) => ({ name: volume.record.name, ...(await volume.usage()) })),
        ),
      };
      return { data: [{ ...figures }] };
    },
  });
}
