import type { MirrorEngine } from '../volumes';
import { invalid, type Parameters } from './parameters';
import { type AdminCommands, type AdminParts, MUTATION, READ } from './types';
import { percentComplete } from './volume-record';

/** What these commands do beyond the documented ones, announced in dashboard/info. */
export const MIRROR_EXTENSIONS = ['mirror.status'] as const;

/** `volume/mirror/*`: the runs of a mirror volume. `full` makes no difference here: what differs is found by digest in any case. */
export function registerMirrorCommands(commands: AdminCommands, { volumes }: AdminParts): void {
  const mirrorOf = (parameters: Parameters): { name: string; mirror: MirrorEngine } => {
    const { record, mirror } = volumes.require(parameters.required('name'));
    if (!mirror) throw invalid(`The volume ${record.name} is not a mirror`);
    return { name: record.name, mirror };
  };

  commands.register('volume/mirror/start', {
    methods: MUTATION,
    run: async (parameters) => {
      const { name, mirror } = mirrorOf(parameters);
      await mirror.start();
      return { messages: [`Started mirror operation for volumes '${name}'`] };
    },
  });

  commands.register('volume/mirror/stop', {
    methods: MUTATION,
    run: async (parameters) => {
      const { name, mirror } = mirrorOf(parameters);
      await mirror.stop();
      return { messages: [`Stopped mirror operation for volumes '${name}'`] };
    },
  });

  // Ours: all figures of the run, or of what the next one would bring; `refreshnow=true` asks the source for them.
  commands.register('volume/mirror/status', {
    methods: READ,
    run: async (parameters) => {
      const { name, mirror } = mirrorOf(parameters);
      const status = await mirror.status({ refresh: parameters.flag('refreshnow') ?? false });
      const { refreshError } = mirror;
      return { data: [{ volumename: name, mirrorpercentcomplete: percentComplete(status), ...status, refreshError }] };
    },
  });
}
