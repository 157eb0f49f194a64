import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ConnectionInput, ConnectionTargetView, FabricView, UpstreamView } from '@/lib/api/connections';
import {
  type Connection,
  type ConnectionTarget,
  ConnectionTargetSchema,
  type FieldlineConfig,
  type NamedTarget,
  parseConfig,
  readConnection,
  type SiteConfig,
  secretsOf,
  withTarget,
  writeConnection,
} from '@/lib/config';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import { sharePlace } from './doors';
import { storeSecrets, withoutSecrets } from './secret-fields';

const ID_BYTES = 6;
const newId = () => randomBytes(ID_BYTES).toString('hex');

/** What a site stands on now. */
export const targetInUse = ({ fabric, upstream }: SiteConfig): ConnectionTarget => ({
  fabric,
  ...(upstream !== undefined && { upstream }),
});

export const viewOf = ({ fabric, upstream }: ConnectionTarget): ConnectionTargetView => ({
  fabric: fabricView(fabric),
  upstream:
    upstream === undefined
      ? null
      : typeof upstream === 'string'
        ? { address: upstream }
        : (withoutSecrets(upstream) as UpstreamView),
});

/** The certificates of an embedded fabric's own doors are the configuration's alone. */
function fabricView(fabric: ConnectionTarget['fabric']): FabricView {
  if (fabric.kind !== 'embedded') return withoutSecrets(fabric) as FabricView;
  const { tls: _tls, credentialsFile: _credentials, ...view } = fabric;
  return view;
}

/** Keeps what was entered as the site's draft. Fails with REQUEST_INVALID, naming the field, and as the secrets do. */
export async function writeDraft(config: FieldlineConfig, site: SiteConfig, input: ConnectionInput): Promise<void> {
  const connection = readConnection(config, site.id);
  const id = newId();
  // The draft before, if it is of the same kind, else what is in use: where secrets that were left out stay from.
  const drafted = connection.draft ? [connection.draft.target] : [];
  const known = [...drafted, targetInUse(site), ...connection.previous.map(({ target }) => target)];
  const before = known.find((target) => target.fabric.kind === input.fabric.kind);
  const store = secretsOf(config);
  const name = `${site.id}.${id}`;
  const fabric = await storeSecrets(input.fabric, before?.fabric, store, name);
  const dialled = known.find(({ upstream }) => typeof upstream === 'object')?.upstream;
  const kept = {
    fabric: input.fabric.kind === 'embedded' ? { ...ownDoors(site, input.fabric), ...input.fabric } : fabric,
    ...(input.upstream !== undefined && {
      upstream: await storeSecrets(input.upstream, dialled, store, name, ['upstream']),
    }),
  };
  const parsed = ConnectionTargetSchema.safeParse(kept);
  if (!parsed.success)
    throw new FieldlineError('REQUEST_INVALID', z.prettifyError(parsed.error), { cause: parsed.error });
  await save(config, site.id, { ...connection, draft: { id, target: parsed.data }, found: connection.found ?? [] });
}

/** Makes what a site stood on before its draft: its secrets stay where they are, for both. Fails with NOT_FOUND. */
export async function redraft(config: FieldlineConfig, site: string, id: string): Promise<void> {
  const connection = readConnection(config, site);
  const before = connection.previous.find((one) => one.id === id);
  if (!before) throw new FieldlineError('NOT_FOUND', `${site} did not stand on such a connection before`);
  await save(config, site, {
    ...connection,
    draft: { id: newId(), target: before.target },
    found: connection.found ?? [],
  });
}

/** The certificate and credentials of the doors that an embedded site has, for as long as these are its doors: no form shows them. */
function ownDoors({ fabric }: SiteConfig, entered: ConnectionInput['fabric']) {
  if (fabric.kind !== 'embedded' || entered.kind !== 'embedded') return {};
  if (fabric.host !== entered.host || fabric.restPort !== entered.restPort) return {};
  const { tls, credentialsFile } = fabric;
  return { tls, credentialsFile };
}

/** Fails with CONFLICT when there is none. */
export function draftOf(config: FieldlineConfig, site: string): NamedTarget {
  const { draft } = readConnection(config, site);
  if (draft) return draft;
  throw new FieldlineError('CONFLICT', `Nothing is entered that ${site} could be connected with`, {
    remedy: 'Enter a connection first',
  });
}

/** Keeps a site's connection, and lets go of the secrets that no part of it names any more. */
export async function save(config: FieldlineConfig, site: string, connection: Connection): Promise<void> {
  await writeConnection(config, site, connection);
  const text = JSON.stringify(connection);
  const store = secretsOf(config);
  // Ours have the id of a draft in their name; others belong to other parts.
  const ours = new RegExp(`^${site}\\.[0-9a-f]{${2 * ID_BYTES}}\\.`);
  for (const name of await store.names()) if (ours.test(name) && !text.includes(`${name}.`)) await store.remove(name);
}

/** The configuration with sites on other targets, not looked at as a whole: for trying and preparing. */
export function trialConfig(config: FieldlineConfig, site: string, target: ConnectionTarget) {
  const sites = config.sites.map((one) => (one.id === site ? withTarget(one, target) : one));
  return { config: { ...config, sites }, site: sites.find((one) => one.id === site)! };
}

/**
 * The configuration with the drafts of these sites in use. Fails with CONFLICT where the whole does not fit together: the message says why.
 */
export function configWithDrafts(config: FieldlineConfig, ids: readonly string[]): FieldlineConfig {
  const sites = config.sites.map((site) => {
    if (ids.includes(site.id)) return withTarget(site, draftOf(config, site.id).target);
    return site;
  });
  try {
    return parseConfig({ ...config, sites }, 'the draft');
  } catch (error) {
    if (!isFieldlineError(error, 'CONFIG_INVALID')) throw error;
    throw new FieldlineError('CONFLICT', error.message, { cause: error });
  }
}

/** What a site stood on before, once it goes from `before` to `next`: a place that it stands on again is none of those. */
export const previousOf = (connection: Connection, before: NamedTarget, next: ConnectionTarget): NamedTarget[] =>
  [before, ...connection.previous.filter(({ id }) => id !== before.id)].filter(
    ({ target }) => !sharePlace(target, next),
  );
