/**
 * The connections of the sites as a person made them on the settings page or by the API: one file a site below `<dataDir>/connections/`.
 * What is in use there goes before what the configuration says of the site. Secrets are files of their own (lib/secrets), named here.
 */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { replaceFile } from '@/lib/files/durable';
import { parseConfig } from './parse';
import { type FieldlineConfig, type SiteConfig, SiteConfigSchema } from './schema';
import { mapFiles, resolveFiles } from './secrets';

/** What a site stands on: its fabric, and for an edge how it reaches HQ. */
export const ConnectionTargetSchema = SiteConfigSchema.pick({ fabric: true, upstream: true });
export type ConnectionTarget = z.infer<typeof ConnectionTargetSchema>;

const NamedTargetSchema = z.strictObject({
  /** Part of the names of its secrets. */
  id: z.string().regex(/^[a-z0-9]{1,32}$/),
  target: ConnectionTargetSchema,
});
export type NamedTarget = z.infer<typeof NamedTargetSchema>;

/** What a mission found of its names at one place, before it made anything there. */
const FoundSchema = z.strictObject({
  mission: z.string(),
  what: z.string(),
  /** Every address of the place. */
  at: z.array(z.string()),
  names: z.array(z.string()),
});
export type Found = z.infer<typeof FoundSchema>;

const ConnectionSchema = z.strictObject({
  version: z.literal(1),
  /** Null: as configured. */
  inUse: NamedTargetSchema.nullable(),
  /** What is being entered, tested and prepared; nothing uses it yet. */
  draft: NamedTargetSchema.nullable(),
  /** What the site was moved away from, newest first: its data is there until a person removes it. */
  previous: z.array(NamedTargetSchema),
  /** Left out: what is named here may have been prepared before this was written down. */
  found: z.array(FoundSchema).optional(),
});
export type Connection = z.infer<typeof ConnectionSchema>;

const NOTHING: Connection = { version: 1, inUse: null, draft: null, previous: [] };

type Settings = Pick<FieldlineConfig, 'dataDir' | 'secretsKeyFile'>;

const directoryOf = ({ dataDir }: Settings) => path.join(path.resolve(dataDir), 'connections');
const fileOf = (settings: Settings, site: string) => path.join(directoryOf(settings), `${site}.json`);

/** The connection of a site, with absolute paths. Fails with CONFIG_INVALID, naming the file and the field. */
export function readConnection(settings: Settings, site: string): Connection {
  const file = fileOf(settings, site);
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
    throw new FieldlineError('CONFIG_INVALID', `The connection in ${file} can not be read: ${errorMessage(cause)}`, {
      cause,
      remedy: 'Restore the file; without it the site stands on what the configuration says',
    });
  }
  const parsed = ConnectionSchema.safeParse(raw);
  if (!parsed.success)
    throw new FieldlineError(
      'CONFIG_INVALID',
      `The connection in ${file} is not valid: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
  const folder = directoryOf(settings);
  return mapFiles(parsed.data, (name) => path.resolve(folder, name));
}

/** Durable when this resolves. Files inside the data directory are named relatively, so that the directory can be moved. */
export async function writeConnection(settings: Settings, site: string, connection: Connection): Promise<void> {
  const folder = directoryOf(settings);
  const dataDir = path.resolve(settings.dataDir);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const portable = mapFiles(connection, (file) =>
    file.startsWith(`${dataDir}${path.sep}`) ? path.relative(folder, file) : file,
  );
  await replaceFile(fileOf(settings, site), `${JSON.stringify(portable, null, 2)}\n`, 0o600);
}

/**
 * The configuration with what is in use by the connections: what launcher and app both go by. Fails with CONFIG_INVALID where the whole
 * does not fit together, or a file of a secret is missing; with SECRET_UNREADABLE.
 */
export function withConnections(config: FieldlineConfig): FieldlineConfig {
  const sites = config.sites.map((site) => withTarget(site, readConnection(config, site.id).inUse?.target ?? null));
  if (sites.every((site, index) => site === config.sites[index])) return config;
  resolveFiles(sites, directoryOf(config), config);
  return parseConfig({ ...config, sites }, `the connections in ${directoryOf(config)}`);
}

/**
 * The embedded fabrics that the launcher runs: those that sites stand on, and those that a site on something else is being prepared to go
 * back to (`needed: false`: that one does not start is no reason not to start the others).
 */
export function managedFabrics(config: FieldlineConfig) {
  return config.sites.flatMap(({ id, fabric }) => {
    if (fabric.kind === 'embedded') return fabric.managed ? [{ id, fabric, needed: true }] : [];
    const draft = readConnection(config, id).draft?.target.fabric;
    return draft?.kind === 'embedded' && draft.managed ? [{ id, fabric: draft, needed: false }] : [];
  });
}

/** A site on another target. */
export function withTarget(site: SiteConfig, target: ConnectionTarget | null): SiteConfig {
  if (!target) return site;
  const { upstream: _configured, ...rest } = site;
  return { ...rest, ...target };
}
