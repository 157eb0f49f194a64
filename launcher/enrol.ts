/** `npm run enrol`: at HQ it invites an edge, at the edge (`--accept`) it makes the rest from the token. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import {
  type FieldlineConfig,
  fabricSecurity,
  reachedHost,
  readConfigFile,
  readSecret,
  writeEnrolment,
} from '@/lib/config';
import { createEdgeAccess } from '@/lib/drivers/edge-access';
import { acceptEnrolment } from '@/lib/enrolment/accept';
import { readToken } from '@/lib/enrolment/token';
import { asFieldlineError, errorMessage, FieldlineError } from '@/lib/errors';
import { withRemedy } from './child';

const USAGE = `npm run enrol -- EDGE              at HQ, while it runs: a token for this edge, to be shown once
npm run enrol -- --accept          at the edge: asks for the token, and keeps what it gives
npm run enrol -- --accept FILE     the same with the token in a file ("-": standard input)

  --data DIR       where the site keeps its data (default: data)
  --valid HOURS    how long the token holds (default 1, at most 168)
`;
const HOURS_MAX = 168;
const HOUR_MS = 3_600_000;

const print = (text: string) => process.stdout.write(`${text}\n`);

/** Exits with 1 and one sentence when it can not be done. */
export async function enrol(args: readonly string[], { root }: { root: string }): Promise<void> {
  try {
    const { values, positionals } = readArguments(args);
    const dataDir = path.resolve(root, values.data ?? 'data');
    if (values.help || (!values.accept && positionals.length !== 1)) print(USAGE.trimEnd());
    else if (values.accept) await acceptToken(dataDir, positionals[0]);
    else await invite(dataDir, positionals[0]!, hours(values.valid));
  } catch (error) {
    process.stderr.write(`fieldline  ${withRemedy(asFieldlineError(error))}.\n`);
    process.exitCode = 1;
  }
}

/** Reads a token, enrols with it, and keeps what it gave. `file`: undefined asks a person, `-` reads standard input. The edge's id. */
export async function acceptToken(
  dataDir: string,
  file: string | undefined,
  say: (sentence: string) => void = (sentence) => print(`fieldline  ${sentence}`),
): Promise<string> {
  const token = readToken(await tokenText(file));
  say(`Enrolling the edge ${token.edge} at ${token.address} ...`);
  await writeEnrolment({ dataDir }, token, await acceptEnrolment(token));
  say(`${token.edge} is enrolled: start it with  npm start -- --site ${token.edge}`);
  return token.edge;
}

async function tokenText(file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY) {
    const asking = createInterface({ input: process.stdin, output: process.stdout });
    try {
      return await asking.question('Paste the token: ');
    } finally {
      asking.close();
    }
  }
  try {
    return readFileSync(file === undefined || file === '-' ? 0 : path.resolve(file), 'utf8');
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', `The token can not be read: ${errorMessage(cause)}`, { cause });
  }
}

async function invite(dataDir: string, edge: string, lifetimeMs: number): Promise<void> {
  const config = runningHq(dataDir);
  const hq = config.sites.find(({ role }) => role === 'hq')!;
  const security = hq.fabric.kind === 'embedded' ? fabricSecurity(config, hq.id, hq.fabric) : null;
  if (hq.fabric.kind !== 'embedded' || !security)
    throw new FieldlineError(
      'UNSUPPORTED',
      'The doors of this HQ ask for no credentials, so that no edge has to be enrolled',
      {
        remedy: 'Start HQ with --fabric-host 0.0.0.0 and --advertised-host to have edges on other machines',
      },
    );
  const credentials = JSON.parse(readSecret(config, security.credentialsFile)) as {
    username: string;
    password: string;
  };
  const access = createEdgeAccess({
    baseUrl: `https://${reachedHost(hq.fabric)}:${hq.fabric.restPort}`,
    mission: config.mission,
    auth: { kind: 'basic', ...credentials },
    ...(security.caFile && { ca: readSecret(config, security.caFile) }),
    ...(security.serverName && { serverName: security.serverName }),
  });
  try {
    const { token, expiresAt } = await access.invite(edge, { lifetimeMs });
    print(`fieldline  A token for ${edge}, good once and until ${new Date(expiresAt).toISOString()}. At the edge:`);
    print('fieldline  npm run enrol -- --accept   and paste this whole line:');
    print(token);
  } finally {
    await access.close();
  }
}

/** The configuration that the launcher of HQ wrote when it started. */
function runningHq(dataDir: string): FieldlineConfig {
  const folder = path.join(dataDir, 'run');
  let files: string[] = [];
  try {
    files = readdirSync(folder).filter((name) => /^config-.*\.json$/.test(name));
  } catch {
    // Nothing was ever started here, which is said below.
  }
  for (const file of files) {
    const config = readConfigFile(path.join(folder, file));
    if (config.sites.some(({ role }) => role === 'hq')) return config;
  }
  throw new FieldlineError('NOT_FOUND', `No HQ has been started with its data in ${dataDir}`, {
    remedy: 'Run this where HQ runs, with the same --data',
  });
}

function hours(text: string | undefined): number {
  const value = Number(text ?? 1);
  if (value > 0 && value <= HOURS_MAX) return value * HOUR_MS;
  throw new FieldlineError('CONFIG_INVALID', `--valid takes hours, up to ${HOURS_MAX}, not "${text}"`);
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        accept: { type: 'boolean' },
        data: { type: 'string' },
        valid: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', errorMessage(cause), { cause, remedy: 'See npm run enrol -- --help' });
  }
}
