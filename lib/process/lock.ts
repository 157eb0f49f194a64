/** Exclusive use of a directory by one process, given up by any death of that process. */
import { rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';

export interface DirectoryLock {
  release(): Promise<void>;
}

/**
 * Takes the lock `name` of a directory that exists; null when another process holds it. Node has no flock. An abstract Unix socket (Linux)
 * named by the directory's device and inode is freed by the kernel on any death of its holder; elsewhere a socket file in the directory
 * stands in, removed when nobody answers behind it.
 */
export async function lockDirectory(
  directory: string,
  name: string,
  platform: NodeJS.Platform = process.platform,
): Promise<DirectoryLock | null> {
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

function asLock(server: Server | null): DirectoryLock | null {
  return server && { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Null when the address is taken. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(address, () => resolve(server));
  });
}

function isAnswered(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(file);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
