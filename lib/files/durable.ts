/** The few file-system steps that make a small change survive a power cut. */
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** Makes renames, links and removals in `directory` durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes the whole of a file, or nothing: beside it, then renamed over it. Durable when this resolves. `mode`: who may read it. */
export async function replaceFile(file: string, content: string | Buffer, mode = 0o666): Promise<void> {
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  // The rename itself must survive a power cut.
  await syncDirectory(path.dirname(file));
}

/** Removes a file that may be gone already. Durable when this resolves. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await syncDirectory(path.dirname(file));
}
