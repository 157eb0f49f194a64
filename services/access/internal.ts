/** How this process shows itself to its own doors: HQ's downloader reads the sample feed from the app that it runs in. */
import { timingSafeEqual } from 'node:crypto';
import { newSecret } from './secrets';

const KEY = Symbol.for('fieldline.internal');
const holder = globalThis as { [KEY]?: string };

/** Of this process, and in its memory only. */
export function internalSecret(): string {
  holder[KEY] ??= newSecret();
  return holder[KEY];
}

export function isInternal(bearer: string): boolean {
  const own = Buffer.from(internalSecret());
  const shown = Buffer.from(bearer);
  return own.length === shown.length && timingSafeEqual(own, shown);
}
