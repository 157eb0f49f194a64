/** Which paths a volume accepts: shared by every driver and the embedded fabric, so that none is laxer than another. */
import { FieldlineError } from '@/lib/errors';

/** Longest path within a volume, in bytes of UTF-8: below PATH_MAX (4096) with any volume's own directory, and S3's limit for a key. */
export const FILE_PATH_BYTES_MAX = 1024;
/** NAME_MAX of every common Linux file system. */
export const PATH_SEGMENT_BYTES_MAX = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is being refused.
const FORBIDDEN_CHARACTERS = /[\u0000-\u001f\u007f\\]|\p{Surrogate}/u;

/**
 * Checks the path of a file relative to its volume, and returns it: parts separated by "/", none empty, "." or "..", no control
 * characters, backslashes or lone surrogates, bounded in length. Fails with PATH_OUTSIDE_VOLUME.
 */
export function checkFilePath(file: string): string {
  const refused = (why: string) =>
    new FieldlineError('PATH_OUTSIDE_VOLUME', `The path ${JSON.stringify(file.slice(0, 200))} is refused: ${why}`);
  if (Buffer.byteLength(file) > FILE_PATH_BYTES_MAX) throw refused(`it is longer than ${FILE_PATH_BYTES_MAX} bytes`);
  if (FORBIDDEN_CHARACTERS.test(file)) throw refused('control characters and backslashes are not allowed');
  for (const segment of file.split('/')) {
    if (segment === '') throw refused('it has an empty part');
    if (segment === '.' || segment === '..') throw refused(`"${segment}" is not a name`);
    if (Buffer.byteLength(segment) > PATH_SEGMENT_BYTES_MAX)
      throw refused(`a name is longer than ${PATH_SEGMENT_BYTES_MAX} bytes`);
  }
  return file;
}
