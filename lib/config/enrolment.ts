/** How an enrolled edge reaches HQ: what its enrolment left in the data directory. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { DEFAULT_MISSION } from '@/lib/domain/naming';
import type { EdgeCredential } from '@/lib/enrolment/accept';
import type { EnrolmentToken } from '@/lib/enrolment/token';
import { errorMessage, FieldlineError } from '@/lib/errors';
import { replaceFile } from '@/lib/files/durable';
import { UpstreamSchema } from './fabrics';
import { mapFiles, secretsOf } from './secrets';

const EnrolmentSchema = z.strictObject({
  version: z.literal(1),
  mission: z.string(),
  upstream: UpstreamSchema,
  /** In ms since 1970; absent in the files of former builds. */
  enrolledAt: z.number().optional(),
  /** HQ's address as the configuration had it, without credentials, when a token was given to the running edge: where it still says so, this goes before. */
  replaces: z.string().optional(),
});
export type Enrolment = Omit<z.infer<typeof EnrolmentSchema>, 'version'>;
type Settings = { dataDir: string; secretsKeyFile?: string };

const fileOf = (dataDir: string, edge: string) => path.resolve(dataDir, 'enrolment', `${edge}.json`);

/** Null: this edge is not enrolled. Fails with CONFIG_INVALID when the file is damaged. */
export function readEnrolment(dataDir: string, edge: string): Enrolment | null {
  const file = fileOf(dataDir, edge);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FieldlineError('CONFIG_INVALID', `The enrolment in ${file} can not be read: ${errorMessage(cause)}`, {
      cause,
    });
  }
  try {
    const { version: _known, ...enrolment } = EnrolmentSchema.parse(JSON.parse(text));
    return mapFiles(enrolment, (name) => path.resolve(path.dirname(file), name));
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', `The enrolment in ${file} is damaged`, {
      cause,
      remedy: 'Enrol this edge anew',
    });
  }
}

/** Keeps what an enrolment gave: the credential sealed, the rest beside it. Durable when it resolves; paths are relative, so that the directory can be moved. */
export async function writeEnrolment(
  settings: Settings,
  token: EnrolmentToken,
  { username, password }: EdgeCredential,
  replaces?: string,
): Promise<void> {
  const file = fileOf(settings.dataDir, token.edge);
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const passwordFile = await secretsOf(settings).put(`${token.edge}.enrolment`, password);
  const caFile = path.join(folder, `${token.edge}.authority.pem`);
  if (token.ca) await replaceFile(caFile, token.ca, 0o600);
  const relative = (name: string) => path.relative(folder, path.resolve(name));
  const enrolment: z.infer<typeof EnrolmentSchema> = {
    version: 1,
    mission: token.mission,
    enrolledAt: Date.now(),
    ...(replaces !== undefined && { replaces }),
    upstream: {
      address: token.address,
      sasl: { mechanism: 'scram-sha-512', username, passwordFile: relative(passwordFile) },
      tls: token.ca ? { caFile: relative(caFile) } : {},
    },
  };
  await replaceFile(file, `${JSON.stringify(enrolment, null, 2)}\n`, 0o600);
}

const CredentialSchema = z.looseObject({ sasl: z.looseObject({ passwordFile: z.string() }) });

/** Whether an edge whose settings say `upstream` goes by its enrolment: they say nothing, what it replaced, or what it gave. */
export function goesByEnrolment(upstream: unknown, enrolment: Enrolment): boolean {
  if (upstream === undefined || upstream === enrolment.replaces) return true;
  const [said, given] = [upstream, enrolment.upstream].map((one) => CredentialSchema.safeParse(one).data?.sasl);
  return given !== undefined && said?.passwordFile === given.passwordFile;
}

const EnrollableSchema = z.looseObject({
  mission: z.string().optional(),
  sites: z.array(z.looseObject({ id: z.string(), role: z.string(), upstream: z.unknown().optional() })),
});

/** Raw settings with the upstream of every edge that is enrolled and goes by that. `dataDir` is absolute. */
export function withEnrolments(raw: unknown, dataDir: string): unknown {
  const parsed = EnrollableSchema.safeParse(raw);
  // What is wrong with the settings is said where they are checked.
  if (!parsed.success || parsed.data.sites.some(({ role }) => role === 'hq')) return raw;
  let mission: string | undefined;
  const sites = parsed.data.sites.map((site) => {
    const enrolment = site.role === 'edge' ? readEnrolment(dataDir, site.id) : null;
    if (!enrolment || !goesByEnrolment(site.upstream, enrolment)) return site;
    mission = enrolment.mission;
    return { ...site, upstream: enrolment.upstream };
  });
  return { ...parsed.data, sites, mission: parsed.data.mission ?? mission ?? DEFAULT_MISSION };
}
