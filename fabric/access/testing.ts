/** Access control for the tests of doors. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Clock } from '@/lib/clock/clock';
import { makeVerifiers } from '@/lib/sasl/scram';
import type { FabricLog } from '../logger';
import { type Credentials, FabricAccess } from './access';
import type { Grants } from './principal';

export const SITE: Credentials = { username: 'hq', password: 'the password of the site' };
const quiet: FabricLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const grantsOf = (edge: string): Grants => ({
  read: ['m.replicated.ASSET_BROADCAST', 'm.replicated.ASSET_RESPONSE'],
  write: [`m.replicated.*.${edge}`],
  groups: [`fieldline-link.${edge}`],
  volumes: [`m.outbound-${edge}`],
});

export async function testAccess(own: Credentials = SITE, clock?: Clock): Promise<FabricAccess> {
  const file = path.join(await mkdtemp(path.join(tmpdir(), 'fieldline-access-')), 'access.json');
  return FabricAccess.open({ own, file, log: quiet, ...(clock && { clock }) });
}

/** Enrols an edge as an invitation does; its credential. */
export async function enrol(access: FabricAccess, edge: string): Promise<Credentials> {
  const password = `the password of ${edge}`;
  const { id, secret } = await access.registry.invite(edge, grantsOf(edge), 60_000);
  await access.registry.accept(id, secret, await makeVerifiers(password));
  access.end(edge);
  return { username: edge, password };
}
