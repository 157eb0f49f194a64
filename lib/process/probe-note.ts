/**
 * How a probe gets to know whether an installation can be worked with: the launcher notes at each start where its app answers, and a key of that
 * start, for who runs as the same user. The key opens readiness and nothing else.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { addressText } from '../net/address';

const KEY_BYTES = 32;
/** With the prefix of tokens: a key is never taken for what a proxy hands on. */
const KEY_PREFIX = 'fieldline_probe_';
/** Hosts that are no address to dial. */
const ANY_HOST: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

export interface ProbeNote {
  /** Of the app, as this machine reaches it. */
  url: string;
  /** Sent as `Authorization: Bearer`. */
  key: string;
}

interface Place {
  dataDir: string;
  /** The first of the installation. */
  siteId: string;
}

const fileOf = ({ dataDir, siteId }: Place) => path.join(dataDir, 'run', `probe-${siteId}.json`);

/** Makes the note of this start in place of the last one's. Fails as the file system does. */
export function writeProbeNote(place: Place, app: { host: string; port: number }): ProbeNote {
  const host = ANY_HOST[app.host] ?? app.host;
  const note: ProbeNote = {
    url: `http://${addressText({ host, port: app.port })}`,
    key: `${KEY_PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`,
  };
  const file = fileOf(place);
  mkdirSync(path.dirname(file), { recursive: true });
  // A file that is there keeps the mode it has.
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(note), { mode: 0o600, flag: 'wx' });
  return note;
}

/** Null where no launcher has made one. */
export function readProbeNote(place: Place): ProbeNote | null {
  try {
    const { url, key } = JSON.parse(readFileSync(fileOf(place), 'utf8')) as Partial<ProbeNote>;
    return typeof url === 'string' && typeof key === 'string' && key.startsWith(KEY_PREFIX) ? { url, key } : null;
  } catch {
    return null;
  }
}
