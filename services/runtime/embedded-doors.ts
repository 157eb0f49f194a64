import { existsSync } from 'node:fs';
import {
  type EmbeddedFabricConfig,
  type FieldlineConfig,
  fabricSecurity,
  neighbourCredentialsFile,
  reachedHost,
  readSecret,
} from '@/lib/config';
import { FieldlineError } from '@/lib/errors';
import { addressText } from '@/lib/net/address';

interface Credentials {
  username: string;
  password: string;
}

export interface EmbeddedDoors {
  /** As this machine reaches the fabric. */
  host: string;
  restUrl: string;
  /** What the site's own services show and trust; null where the doors are open. */
  own: { credentials: Credentials; trust: { ca?: string; serverName?: string } } | null;
}

/** How the services of a site use its embedded fabric. Fails with CONFIG_INVALID, naming the file, when one can not be read. */
export function doorsOf(config: FieldlineConfig, site: string, fabric: EmbeddedFabricConfig): EmbeddedDoors {
  const host = reachedHost(fabric);
  const address = addressText({ host, port: fabric.restPort });
  const security = fabricSecurity(config, site, fabric);
  if (!security) return { host, restUrl: `http://${address}`, own: null };
  const { credentialsFile, caFile, serverName } = security;
  return {
    host,
    restUrl: `https://${address}`,
    own: {
      credentials: readCredentials(config, credentialsFile),
      trust: { ...(caFile && { ca: readSecret(config, caFile) }), ...(serverName && { serverName }) },
    },
  };
}

/**
 * What an edge shows at the doors of the HQ in the same installation: a credential of its own, which a start made. Null where there is none yet. Fails
 * with CONFIG_INVALID when its file can not be read.
 */
export function neighbourCredentials(config: FieldlineConfig, hq: string, edge: string): Credentials | null {
  const file = neighbourCredentialsFile(config, hq, edge);
  return existsSync(file) ? readCredentials(config, file) : null;
}

function readCredentials(config: FieldlineConfig, file: string): Credentials {
  try {
    const { username, password } = JSON.parse(readSecret(config, file)) as { username?: unknown; password?: unknown };
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
  }
  throw new FieldlineError('CONFIG_INVALID', `The file ${file} needs "username" and "password", as JSON`);
}
