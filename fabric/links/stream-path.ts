import { FieldlineError } from '@/lib/errors';

/** A stream as the admin API names it: `/mapr/<cluster>/<path>`, or `<path>` on this cluster. */
export interface StreamPath {
  /** Null: this cluster. */
  cluster: string | null;
  path: string;
}

const GLOBAL_PATH = /^\/mapr\/([^/]+)(\/.+)$/;

export function parseStreamPath(text: string, siteId: string): StreamPath {
  if (!text.startsWith('/')) throw new FieldlineError('REQUEST_INVALID', `${text} is not a valid stream path`);
  const match = GLOBAL_PATH.exec(text);
  if (!match) return { cluster: null, path: text };
  return { cluster: match[1] === siteId ? null : match[1]!, path: match[2]! };
}

export const globalPath = (cluster: string, path: string) => `/mapr/${cluster}${path}`;
