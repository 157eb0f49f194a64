import { FieldlineError } from '@/lib/errors';

const TABLE_PATH_LENGTH_MAX = 512;

/** A table's path in its one form: absolute, without a trailing slash. Fails with REQUEST_INVALID. */
export function tablePath(text: string): string {
  const path = text.length > 1 ? text.replace(/\/+$/, '') : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
  const wellFormed = /^(\/[^/\u0000-\u001f\u007f]+)+$/.test(path) && !/\p{Cs}/u.test(path);
  if (
    !wellFormed ||
    path.length > TABLE_PATH_LENGTH_MAX ||
    path.split('/').some((part) => part === '.' || part === '..')
  )
    throw new FieldlineError(
      'REQUEST_INVALID',
      `A table path is absolute, such as /missionx/assets, of at most ${TABLE_PATH_LENGTH_MAX} characters, not ${JSON.stringify(text.slice(0, 80))}`,
    );
  return path;
}
