/**
 * What a mission found of its own names on a fabric, written down before it makes anything there: *Remove* leaves that alone. So a process
 * that ends in the middle has nothing to write down any more, and what the services make there later needs no record.
 */
import { type Connection, type ConnectionTarget, type FieldlineConfig, readConnection } from '@/lib/config';
import { isFieldlineError, shownMessage } from '@/lib/errors';
import type { Runtime } from '../contract';
import { isSamePlace, type Place, placesOf } from './doors';
import { inventoriesOf } from './inventory';
import type { Step } from './job-board';
import { save, targetInUse, trialConfig } from './targets';

/** What was at a place before the mission came; null: nobody wrote it down. */
export function foundAt(mission: string, { found = [] }: Connection, place: Place): string[] | null {
  return found.find((one) => one.mission === mission && isSamePlace(one, place))?.names ?? null;
}

/** Whether it is known of every thing on a target what was there before the mission came. */
export const isWrittenDown = (mission: string, connection: Connection, target: ConnectionTarget): boolean =>
  placesOf(target).every((place) => foundAt(mission, connection, place) !== null);

/** Lets go of what was written down of places that no part of the connection names any more. */
export function withoutUnused(connection: Connection): Connection {
  const { inUse, draft, previous, found } = connection;
  const named = [inUse, draft, ...previous].flatMap((one) => (one ? placesOf(one.target) : []));
  return found
    ? { ...connection, found: found.filter((one) => named.some((place) => isSamePlace(one, place))) }
    : connection;
}

/** Before the steps that make something. `unlessAway`: a fabric that can not be asked is no reason not to go there. */
export const noteFound = (
  runtime: Runtime,
  id: string,
  target: ConnectionTarget,
  { unlessAway = false }: { unlessAway?: boolean } = {},
): Step => ({
  title: `What ${id} finds there is written down`,
  async run({ tell }) {
    const { mission } = runtime.config;
    const connection = readConnection(runtime.config, id);
    // At a place where the mission is, or was, nobody can tell what it made.
    const before = [...runtime.config.sites.map(targetInUse), ...connection.previous.map((one) => one.target)];
    const known = before.flatMap(placesOf);
    const open = placesOf(target).filter(
      (place) => foundAt(mission, connection, place) === null && !known.some((one) => isSamePlace(one, place)),
    );
    if (connection.found === undefined || open.length === 0) {
      tell(isWrittenDown(mission, connection, target) ? 'it was before' : 'the mission was there before');
      return 'skipped';
    }
    try {
      const found = await find(runtime.config, id, target, open);
      await save(runtime.config, id, { ...connection, found: [...connection.found, ...found] });
      tell(found.flatMap(({ names }) => names).join(', ') || 'nothing of this mission');
      return 'done';
    } catch (error) {
      if (!unlessAway || !isFieldlineError(error, 'UNAVAILABLE', 'TIMEOUT')) throw error;
      tell(`it can not be asked now: ${shownMessage(error)}`);
      return 'skipped';
    }
  },
});

async function find(config: FieldlineConfig, id: string, target: ConnectionTarget, open: Place[]) {
  const trial = trialConfig(config, id, target);
  const inventories = inventoriesOf(trial.config, trial.site, target);
  const namesAt = async ({ what }: Place) => (await inventories.find((one) => one.what === what)?.list()) ?? [];
  try {
    return await Promise.all(
      open.map(async (place) => ({ mission: config.mission, ...place, names: await namesAt(place) })),
    );
  } finally {
    await Promise.allSettled(inventories.map((inventory) => inventory.close()));
  }
}
