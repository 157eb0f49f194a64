import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { errorMessage, FieldlineError } from '@/lib/errors';
import type { Credentials } from './http/auth';

export interface Address {
  host: string;
  port: number;
}

export interface FabricOptions {
  /** The site's id; also the cluster name that the admin door tells. */
  site: string;
  /** Everything this fabric keeps. */
  dataDirectory: string;
  kafka: Address;
  rest: Address;
  /** The host that clients and edges are told; the listening host when absent. */
  advertisedHost: string | undefined;
  /** Asked of every REST caller; without them the doors are open, which is for loopback only. */
  credentials: Credentials | undefined;
}

export const USAGE =
  'usage: fabric --site ID --data DIR --kafka HOST:PORT --rest HOST:PORT [--advertised-host HOST] [--credentials FILE]   (port 0: any free one)';

/** Parses the command line of a fabric. Fails with CONFIG_INVALID. */
export function parseFabricOptions(args: readonly string[]): FabricOptions {
  let values: {
    site?: string;
    data?: string;
    kafka?: string;
    rest?: string;
    'advertised-host'?: string;
    credentials?: string;
  };
  try {
    const option = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...args],
      options: {
        site: option,
        data: option,
        kafka: option,
        rest: option,
        'advertised-host': option,
        credentials: option,
      },
    }));
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', errorMessage(cause), { cause, remedy: USAGE });
  }
  if (!values.site || !values.data || !values.kafka || !values.rest)
    throw new FieldlineError('CONFIG_INVALID', '--site, --data, --kafka and --rest are needed', { remedy: USAGE });
  return {
    site: values.site,
    dataDirectory: values.data,
    kafka: parseAddress('--kafka', values.kafka),
    rest: parseAddress('--rest', values.rest),
    advertisedHost: values['advertised-host'],
    credentials: values.credentials === undefined ? undefined : readCredentials(values.credentials),
  };
}

/** `host:port`, with an IPv6 host in brackets. */
export function parseAddress(name: string, text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:/]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new FieldlineError('CONFIG_INVALID', `${name} takes HOST:PORT, not "${text}"`, { remedy: USAGE });
  return { host: (match[1] ?? match[2])!, port };
}

/** `{"username","password"}` from a file: a command line is there for all to read. */
function readCredentials(file: string): Credentials {
  try {
    const { username, password } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Credentials>;
    if (typeof username === 'string' && typeof password === 'string' && username && password)
      return { username, password };
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', `The credentials file ${file} can not be read: ${errorMessage(cause)}`);
  }
  throw new FieldlineError('CONFIG_INVALID', `The credentials file ${file} needs "username" and "password"`);
}
