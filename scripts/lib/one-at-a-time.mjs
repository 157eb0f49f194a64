/** Several starts of one clone at the same moment: one installs and builds, the others wait and find it done. */
import { setTimeout as sleep } from 'node:timers/promises';
import { lockDirectory } from '../../lib/process/lock.mjs';
import { say } from './say.mjs';

const LOOK_MS = 200;

/**
 * Does the work while no other process does its own for this clone.
 * @template T
 * @param {string} root of the clone
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function oneAtATime(root, work) {
  let lock = await lockDirectory(root, 'build');
  if (!lock) say('Another start of this clone installs or builds; waiting for it ...');
  for (; !lock; lock = await lockDirectory(root, 'build')) await sleep(LOOK_MS);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
