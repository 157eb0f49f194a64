/** Edges in one installation with an HQ whose doors ask who comes: each has a credential of its own there, as edges elsewhere have. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type EmbeddedFabricConfig,
  type FabricSecurity,
  type FieldlineConfig,
  fabricSecurity,
  neighbourCredentialsFile,
  reachedHost,
  readSecret,
} from '@/lib/config';
import { createEdgeAccess } from '@/lib/drivers/edge-access';
import { acceptEnrolment } from '@/lib/enrolment/accept';
import { readToken } from '@/lib/enrolment/token';
import { errorMessage } from '@/lib/errors';
import { replaceFile } from '@/lib/files/durable';
import { addressText } from '@/lib/net/address';

/** Owner only. */
const MODE = 0o600;

/**
 * Enrols every such edge that has no credential yet, while HQ's fabric runs. One that HQ has taken back stays: whoever removes its file lets the edge in
 * again. An HQ that does not answer stops nobody: the edge says that it is not enrolled, and the next start tries again.
 */
export async function enrolNeighbours(config: FieldlineConfig, say: (sentence: string) => void): Promise<void> {
  const hq = config.sites.find(({ role }) => role === 'hq');
  const security = hq?.fabric.kind === 'embedded' ? fabricSecurity(config, hq.id, hq.fabric) : null;
  if (hq?.fabric.kind !== 'embedded' || !security) return;
  for (const { id, role, fabric, upstream } of config.sites) {
    if (role !== 'edge' || fabric.kind !== 'embedded' || upstream !== undefined) continue;
    const file = neighbourCredentialsFile(config, hq.id, id);
    if (existsSync(file)) continue;
    try {
      await enrolNeighbour(config, hq.fabric, security, id, file);
    } catch (error) {
      say(`${id} could not be enrolled at ${hq.id} beside it: ${errorMessage(error)}`);
    }
  }
}

async function enrolNeighbour(
  config: FieldlineConfig,
  fabric: EmbeddedFabricConfig,
  { credentialsFile, caFile, serverName }: FabricSecurity,
  edge: string,
  file: string,
): Promise<void> {
  const address = addressText({ host: reachedHost(fabric), port: fabric.restPort });
  const own = JSON.parse(readSecret(config, credentialsFile)) as { username: string; password: string };
  const access = createEdgeAccess({
    baseUrl: `https://${address}`,
    mission: config.mission,
    auth: { kind: 'basic', ...own },
    ...(caFile && { ca: readSecret(config, caFile) }),
    ...(serverName && { serverName }),
  });
  try {
    const { token } = await access.invite(edge);
    const credential = await acceptEnrolment(readToken(token), { address, serverName });
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(file, `${JSON.stringify(credential)}\n`, MODE);
  } finally {
    await access.close();
  }
}
