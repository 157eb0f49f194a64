/** Whether the doors of an embedded fabric ask who comes, and where the files for that are. */
import path from 'node:path';
import { isLoopbackHost } from '@/lib/net/loopback';
import type { EmbeddedFabricConfig } from './fabrics';

/** Below the data directory: one folder a site. */
const KEYS = 'keys';

export interface FabricSecurity {
  certFile: string;
  keyFile: string;
  /** The authority of the certificate, which clients and edges trust; undefined: the system's. */
  caFile: string | undefined;
  /** The name in a certificate that an operator gave, which need not be for the address by which this machine reaches the doors. */
  serverName: string | undefined;
  /** `{"username", "password"}` of the site's own services. */
  credentialsFile: string;
  /** The launcher makes what no setting names. */
  generated: { certificate: boolean; credentials: boolean };
}

/** Beyond this machine the doors ask for credentials unless the settings say otherwise, which `EmbeddedFabricSchema` checks. */
export const fabricAccess = ({ access, host, managed }: EmbeddedFabricConfig) =>
  access ?? (managed && !isLoopbackHost(host) ? 'credentials' : 'open');

/** Null: the doors are open. */
export function fabricSecurity(
  { dataDir }: { dataDir: string },
  site: string,
  fabric: EmbeddedFabricConfig,
): FabricSecurity | null {
  if (fabricAccess(fabric) !== 'credentials') return null;
  const folder = path.resolve(dataDir, KEYS, site);
  const { tls, credentialsFile } = fabric;
  return {
    certFile: tls?.certFile ?? path.join(folder, 'door.pem'),
    keyFile: tls?.keyFile ?? path.join(folder, 'door.key'),
    caFile: tls ? tls.caFile : path.join(folder, 'authority.pem'),
    serverName: tls && fabric.advertisedHost,
    credentialsFile: credentialsFile ?? path.join(folder, 'credentials.json'),
    generated: { certificate: tls === undefined, credentials: credentialsFile === undefined },
  };
}

/** The credential, at the doors of an HQ in the same installation, of an edge beside it. */
export const neighbourCredentialsFile = ({ dataDir }: { dataDir: string }, hq: string, edge: string) =>
  path.resolve(dataDir, KEYS, hq, `edge-${edge}.json`);

/** Where this machine reaches a fabric that listens on every address. */
export const reachedHost = ({ host }: EmbeddedFabricConfig) =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
