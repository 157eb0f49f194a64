/**
 * Exclusive use of a directory by one process, given up by any death of that process. Plain JavaScript: `npm start` needs it before anything
 * is installed that could translate.
 */
import { rm, stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';

/** @typedef {{ release(): Promise<void> }} DirectoryLock */

/**
 * Takes the lock `name` of a directory that exists; null when another process holds it. Node has no flock. An abstract Unix socket (Linux)
 * named by the directory's device and inode is freed by the kernel on any death of its holder; elsewhere a socket file in the directory
 * stands in, removed when nobody answers behind it.
 * @param {string} directory
 * @param {string} name
 * @param {NodeJS.Platform} platform
 * @returns {Promise<DirectoryLock | null>}
 */
export async function lockDirectory(directory, name, platform = process.platform) {
  if (platform === 'linux') {
    const { dev, ino } = await stat(directory);
    return asLock(await listen(`\0fieldline-${name}-${dev}-${ino}`));
  }
  const file = path.join(directory, `${name}.lock`);
  const taken = await listen(file);
  if (taken !== null || (await isAnswered(file))) return asLock(taken);
  await rm(file, { force: true });
  return asLock(await listen(file));
}

/** @param {import('node:net').Server | null} server */
function asLock(server) {
  return server && { release: () => new Promise((resolve) => server.close(() => resolve(undefined))) };
}

/**
 * Null when the address is taken.
 * @param {string} address
 * @returns {Promise<import('node:net').Server | null>}
 */
function listen(address) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error) => ('code' in error && error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () => resolve(server));
  });
}

/**
 * @param {string} file
 * @returns {Promise<boolean>}
 */
function isAnswered(file) {
  return new Promise((resolve) => {
    const socket = connect(file);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
