import path from 'node:path';
import { parseArgs } from 'node:util';
import { defaultSites, type FieldlineConfig, parseConfig, readConfigFile, withEnrolments } from '@/lib/config';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { errorMessage, FieldlineError } from '@/lib/errors';

export const USAGE = `npm start -- [options]

  --site ID              host this site; may be given several times (default: hq and alpha)
  --upstream HOST:PORT   HQ's REST (or Kafka) door, for an edge whose HQ runs elsewhere
  --host, --port         where the app listens (default 127.0.0.1:3000)
  --access on|off        whether one signs in (default off, on loopback only; docs/access.md)
  --public-url URL       the address that browsers use, when it is not the app's own
  --data DIR             where the sites keep their data (default: data)
  --feeds PATH           a feed file or a folder of them; may be given several times (default: feeds)
  --fabric-host HOST     where the fabric's doors listen (default 127.0.0.1)
  --advertised-host HOST the name by which others reach the fabric
  --fabric-access WHO    open, or credentials (TLS and a credential for everybody: the default beyond loopback)
  --unprotected          the doors are open although they listen beyond loopback: only on a private network where you trust every machine
  --enrol FILE           for an edge: enrols it first with the token in that file ("-": standard input), as npm run enrol -- --accept
  --kafka-port, --rest-port   the fabric's doors, with a single --site (default 19092 + 10n and 18443 + 10n for the n-th site)
  --no-demo              no link conditioner, no sample feed
  --config FILE          a configuration file instead of these options (docs/configuration.md)
  --help
`;

export interface LaunchOptions {
  help: boolean;
  config: FieldlineConfig | null;
}

const integer = (name: string, value: string | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (!/^\d{1,5}$/.test(value))
    throw new FieldlineError('CONFIG_INVALID', `--${name} takes a port number, not "${value}"`);
  return Number(value);
};

/** What `--enrol` asks for, before anything else is looked at; null: nothing. Fails with CONFIG_INVALID. */
export function enrolmentOption(args: readonly string[], root: string): { dataDir: string; file: string } | null {
  const { values } = readArguments(args);
  return values.enrol && !values.help
    ? { dataDir: path.resolve(root, values.data ?? 'data'), file: values.enrol }
    : null;
}

/** Turns the command line into a checked configuration. Fails with CONFIG_INVALID. `root` is where relative defaults lie. */
export function parseLaunchOptions(args: readonly string[], root: string): LaunchOptions {
  const { values } = readArguments(args);
  if (values.help) return { help: true, config: null };
  if (values.config) {
    const other = Object.keys(values).find((name) => name !== 'config');
    if (other)
      throw new FieldlineError('CONFIG_INVALID', `--${other} can not be combined with --config: put it into the file`);
    return { help: false, config: readConfigFile(path.resolve(values.config)) };
  }
  const ids = values.site ?? [HQ_SITE_ID, 'alpha'];
  const ports = {
    kafkaPort: integer('kafka-port', values['kafka-port']),
    restPort: integer('rest-port', values['rest-port']),
  };
  if ((ports.kafkaPort || ports.restPort) && ids.length > 1)
    throw new FieldlineError(
      'CONFIG_INVALID',
      '--kafka-port and --rest-port go with a single --site; use --config for more',
    );
  const sites = defaultSites(ids, values.upstream).map((site) => ({
    ...site,
    fabric: {
      ...site.fabric,
      ...defined(ports),
      ...defined({
        host: values['fabric-host'],
        advertisedHost: values['advertised-host'],
        access: values.unprotected ? 'unprotected' : values['fabric-access'],
      }),
    },
  }));
  const dataDir = path.resolve(root, values.data ?? 'data');
  const raw = {
    sites,
    demo: !values['no-demo'],
    access: defined({ mode: values.access, publicUrl: values['public-url'] }),
    app: defined({ host: values.host, port: integer('port', values.port) }),
    dataDir,
    feeds: (values.feeds ?? [path.join(root, 'feeds')]).map((feed) => path.resolve(feed)),
  };
  return { help: false, config: parseConfig(withEnrolments(raw, dataDir), 'the command line') };
}

function readArguments(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        site: { type: 'string', multiple: true },
        upstream: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        access: { type: 'string' },
        'public-url': { type: 'string' },
        data: { type: 'string' },
        feeds: { type: 'string', multiple: true },
        'fabric-host': { type: 'string' },
        'advertised-host': { type: 'string' },
        'fabric-access': { type: 'string' },
        unprotected: { type: 'boolean' },
        enrol: { type: 'string' },
        'kafka-port': { type: 'string' },
        'rest-port': { type: 'string' },
        'no-demo': { type: 'boolean' },
        config: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', errorMessage(cause), { cause, remedy: 'See npm start -- --help' });
  }
}

/** Without the keys that are undefined, so that defaults apply. */
function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Partial<T>;
}
