/** Whether the disk under a fabric's data has room, asked anew each time. */
import { statfs } from 'node:fs/promises';

const MIB = 1024 * 1024;
/** As much as mirrors leave to the log and the tables (fabric/volumes): below it something will soon be refused. */
const FREE_BYTES_MIN = 64 * MIB;

/** What is wrong with the disk that holds `directory`, in at most one sentence. */
export async function diskTroubles(directory: string): Promise<string[]> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes >= FREE_BYTES_MIN) return [];
  const free = freeBytes < MIB ? 'less than 1 MiB' : `${Math.floor(freeBytes / MIB)} MiB`;
  return [`The disk under ${directory} is full (${free} free): what does not fit is refused`];
}
