import { FieldlineError } from '@/lib/errors';
import type { PartitionLog } from '../log/types';
import { cursorsOf } from './cursors';
import { timeInRow } from './envelope';
import type { Parameters } from './parameters';
import { localPath, PARTITIONS_MAX } from './stream-commands';
import { kafkaName, retentionMsOf, type StreamTopic } from './streams';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';

/** `stream/topic/*` and `stream/cursor/list`. */
export function registerTopicCommands(commands: AdminCommands, parts: AdminParts): void {
  const { streams, topics, groupOffsets, doors } = parts;
  const streamOf = (parameters: Parameters) => streams.require(localPath(parameters, parts));
  const partitionsOf = (parameters: Parameters) => parameters.integer('partitions', { min: 1, max: PARTITIONS_MAX });
  const topicOf = (parameters: Parameters): StreamTopic => {
    const stream = streamOf(parameters);
    const topic = parameters.required('topic');
    const meta = topics.get(kafkaName(stream.path, topic));
    if (!meta) throw new FieldlineError('NOT_FOUND', `No such topic: ${stream.path}:${topic} does not exist`);
    return { topic, meta };
  };

  commands.register('stream/topic/create', {
    methods: MUTATION,
    run: async (parameters) => {
      const stream = streamOf(parameters);
      const name = kafkaName(stream.path, parameters.required('topic'));
      const partitions = partitionsOf(parameters) ?? stream.defaultPartitions;
      await topics.create(name, { partitions, config: { retentionMs: retentionMsOf(stream) } });
      return {};
    },
  });

  commands.register('stream/topic/edit', {
    methods: MUTATION,
    run: async (parameters) => {
      const { meta } = topicOf(parameters);
      const partitions = partitionsOf(parameters);
      if (partitions !== undefined && partitions !== meta.partitions) await topics.addPartitions(meta.name, partitions);
      return {};
    },
  });

  commands.register('stream/topic/delete', {
    methods: MUTATION,
    run: async (parameters) => {
      await topics.delete(topicOf(parameters).meta.name);
      return {};
    },
  });

  commands.register('stream/topic/list', {
    methods: READ,
    run: (parameters) => {
      const own = streams.topicsOf(streamOf(parameters).path);
      const cursors = cursorsOf(own, topics, groupOffsets);
      const data = own.map(({ topic, meta }) => {
        const here = cursors.filter((cursor) => cursor.topic === topic);
        const size = topics.bytes(meta.name);
        return {
          topic,
          partitions: meta.partitions,
          consumers: new Set(here.map(({ group }) => group)).size,
          physicalsize: size,
          logicalsize: size,
          maxlag: Math.max(0, ...here.map(({ committed, end }) => end - committed)),
        };
      });
      return { data };
    },
  });

  commands.register('stream/topic/info', {
    methods: READ,
    run: async (parameters) => {
      const found = topicOf(parameters);
      const cursors = cursorsOf([found], topics, groupOffsets);
      const server = doors().kafka;
      const data: Record<string, unknown>[] = [];
      for (let partition = 0; partition < found.meta.partitions; partition += 1) {
        const log = topics.partition(found.meta.name, partition);
        if (!log) continue;
        const committed = cursors.filter((cursor) => cursor.partition === partition).map((cursor) => cursor.committed);
        data.push(await partitionRow(log, server, committed));
      }
      return { data };
    },
  });

  commands.register('stream/cursor/list', {
    methods: READ,
    run: async (parameters) => {
      const stream = streamOf(parameters);
      const [group, topic] = [parameters.text('consumergroup'), parameters.text('topic')];
      const partition = parameters.integer('partition', { min: 0, max: PARTITIONS_MAX });
      const cursors = cursorsOf(streams.topicsOf(stream.path), topics, groupOffsets).filter(
        (cursor) =>
          (group === undefined || cursor.group === group) &&
          (topic === undefined || cursor.topic === topic) &&
          (partition === undefined || cursor.partition === partition),
      );
      const data = await Promise.all(
        cursors.map(async (cursor) => {
          const log = topics.partition(kafkaName(stream.path, cursor.topic), cursor.partition);
          const oldest = cursor.committed < cursor.end ? await log?.timestampAt(cursor.committed) : null;
          return {
            consumergroup: cursor.group,
            topic: cursor.topic,
            partitionid: cursor.partition,
            // Offsets of the last record read and the last record there is, as maxoffset counts; equal means no lag.
            committedoffset: cursor.committed - 1,
            produceroffset: cursor.end - 1,
            consumerlagmillis: oldest ? Math.max(0, Date.now() - oldest) : 0,
          };
        }),
      );
      return { data };
    },
  });
}

async function partitionRow(log: PartitionLog, server: string, committed: number[]): Promise<Record<string, unknown>> {
  const { logStart, highWatermark } = log;
  const isEmpty = highWatermark <= logStart;
  const first = isEmpty ? null : await log.timestampAt(logStart);
  const last = isEmpty ? null : await log.timestampAt(highWatermark - 1);
  const slowest = committed.length === 0 ? null : Math.max(logStart, Math.min(...committed));
  const slowestAt = slowest === null || slowest >= highWatermark ? null : await log.timestampAt(slowest);
  const size = isEmpty ? 0 : log.bytesFrom(logStart);
  return {
    partitionid: log.partition,
    physicalsize: size,
    logicalsize: size,
    // -1 for a partition that never had a record.
    maxoffset: highWatermark - 1,
    minoffsetacrossconsumers: slowest ?? 0,
    mintimestamp: timeInRow(first ?? 0),
    maxtimestamp: timeInRow(last ?? 0),
    mintimestampacrossconsumers: timeInRow(slowestAt ?? 0),
    fid: `0.${log.partition}.0`,
    master: server,
    servers: server,
    timestamptype: 'CreateTime',
  };
}
