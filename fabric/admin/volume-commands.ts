import type { Volume, VolumeSource, VolumeType } from '../volumes';
import { checkAbsolutePath } from '../volumes/paths';
import { invalid, type Parameters } from './parameters';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';
import { volumeRecord } from './volume-record';

const TYPES: Record<string, VolumeType> = { rw: 'rw', '0': 'rw', mirror: 'mirror', '1': 'mirror' };

/**
 * `volume/*` without mirrors' runs. Parameters that only make sense with several nodes (replication, topology, quotas, access
 * expressions) are accepted and have no effect, so that programs written for a cluster work.
 */
export function registerVolumeCommands(commands: AdminCommands, { volumes }: AdminParts): void {
  const named = (parameters: Parameters) => volumes.require(parameters.required('name'));

  commands.register('volume/create', {
    methods: MUTATION,
    run: async (parameters) => {
      const name = parameters.required('name');
      await volumes.create({
        name,
        path: parameters.text('path'),
        type: typeOf(parameters),
        source: sourceOf(parameters),
      });
      return { messages: [`Successfully created volume: '${name}'`] };
    },
  });

  commands.register('volume/remove', {
    methods: MUTATION,
    run: async (parameters) => {
      const { name } = named(parameters).record;
      await volumes.remove(name);
      return { messages: [`Successfully removed volume: '${name}'`] };
    },
  });

  commands.register('volume/modify', {
    methods: MUTATION,
    run: async (parameters) => {
      const { name } = named(parameters).record;
      await volumes.modify(name, { type: typeOf(parameters), source: sourceOf(parameters) });
      return { messages: [`Successfully modified volume: '${name}'`] };
    },
  });

  const setMounted = async (volume: Volume, parameters: Parameters, mounted: boolean) => {
    const path = parameters.text('path');
    // A volume of this fabric has one place for ever; mounting says whether it is reached there.
    if (path !== undefined && checkAbsolutePath(path) !== volume.record.path)
      throw invalid(`The volume ${volume.record.name} can only be mounted at ${volume.record.path}`);
    await volumes.modify(volume.record.name, { mounted });
  };
  commands.register('volume/mount', {
    methods: MUTATION,
    run: async (parameters) => {
      await setMounted(named(parameters), parameters, true);
      return {};
    },
  });
  commands.register('volume/unmount', {
    methods: MUTATION,
    run: async (parameters) => {
      await setMounted(named(parameters), parameters, false);
      return {};
    },
  });

  commands.register('volume/info', {
    methods: READ,
    run: async (parameters) => {
      const path = parameters.text('path');
      const byPath = path && volumes.list().find(({ record }) => record.path === checkAbsolutePath(path));
      return {
        data: [await volumeRecord(byPath || volumes.require(parameters.text('name') ?? path ?? missingName()))],
      };
    },
  });

  commands.register('volume/list', {
    methods: READ,
    run: async () => ({ data: await Promise.all(volumes.list().map(volumeRecord)) }),
  });
}

const missingName = (): never => {
  throw invalid('The parameter name is missing');
};

function typeOf(parameters: Parameters): VolumeType | undefined {
  const text = parameters.text('type');
  if (text === undefined) return undefined;
  const type = TYPES[text];
  if (type === undefined) throw invalid(`"${text}" is not a type of volume: rw or mirror`);
  return type;
}

/** `volume@cluster`; the cluster is required, also when it is this one, as on a real cluster. */
function sourceOf(parameters: Parameters): VolumeSource | undefined {
  const text = parameters.text('source');
  if (text === undefined) return undefined;
  const [volume = '', cluster = '', ...rest] = text.split('@');
  if (volume === '' || cluster === '' || rest.length > 0)
    throw invalid(`"${text}" is not a mirror source: volume@cluster`);
  return { volume, cluster };
}
