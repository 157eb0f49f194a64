import { invalid, type Parameters } from './parameters';
import type { StreamSettings } from './streams';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';

/** Ten years; beyond it, say 0 for ever. */
const TTL_SECONDS_MAX = 315_360_000;
export const PARTITIONS_MAX = 1000;
const COMPRESSIONS = ['off', 'lz4', 'lzf', 'zlib'];

/** `stream/create|edit|info|delete`. */
export function registerStreamCommands(commands: AdminCommands, parts: AdminParts): void {
  const { streams, topics } = parts;

  commands.register('stream/create', {
    methods: MUTATION,
    run: async (parameters) => {
      const { path } = await streams.create(localPath(parameters, parts), settingsOf(parameters));
      return { messages: [`Successfully created stream: '${path}'`] };
    },
  });

  commands.register('stream/edit', {
    methods: MUTATION,
    run: async (parameters) => {
      await streams.edit(localPath(parameters, parts), settingsOf(parameters));
      return {};
    },
  });

  commands.register('stream/delete', {
    methods: MUTATION,
    run: async (parameters) => {
      await streams.delete(localPath(parameters, parts));
      return {};
    },
  });

  commands.register('stream/info', {
    methods: READ,
    run: (parameters) => {
      const stream = streams.require(localPath(parameters, parts));
      const own = streams.topicsOf(stream.path);
      const bytes = own.reduce((sum, { meta }) => sum + topics.bytes(meta.name), 0);
      const perms = { produceperm: 'p', consumeperm: 'p', topicperm: 'p', copyperm: 'p', adminperm: 'p' };
      return {
        data: [
          {
            path: stream.path,
            physicalsize: bytes,
            logicalsize: bytes,
            numtopics: own.length,
            defaultpartitions: stream.defaultPartitions,
            ttl: stream.ttlSeconds,
            compression: stream.compression,
            autocreate: stream.autoCreate,
            ...perms,
          },
        ],
      };
    },
  });
}

/** The parameter `path`; `/mapr/<cluster>/...` also names a stream of this cluster. */
export function localPath(parameters: Parameters, { siteId }: AdminParts): string {
  const path = parameters.required('path');
  const own = `/mapr/${siteId}/`;
  return path.startsWith(own) ? path.slice(own.length - 1) : path;
}

function settingsOf(parameters: Parameters): StreamSettings {
  const compression = parameters.text('compression');
  if (compression !== undefined && !COMPRESSIONS.includes(compression))
    throw invalid(`"${compression}" is not a compression: ${COMPRESSIONS.join(', ')}`);
  const settings: StreamSettings = {
    ttlSeconds: parameters.integer('ttl', { min: 0, max: TTL_SECONDS_MAX }),
    defaultPartitions: parameters.integer('defaultpartitions', { min: 1, max: PARTITIONS_MAX }),
    autoCreate: parameters.flag('autocreate'),
    compression,
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
