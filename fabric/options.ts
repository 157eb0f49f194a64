import path from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage, FieldlineError, isFieldlineError } from '@/lib/errors';
import { isLoopbackHost } from '@/lib/net/loopback';
import { readSecretFile, type SealerOptions } from '@/lib/secrets';
import type { Credentials } from './access/access';
import type { TlsFiles } from './door-certificate';

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
  /** Of the site's own services, which may do everything; without them the doors are open, which is for loopback only. */
  credentials: Credentials | undefined;
  tls: TlsFiles | undefined;
  /** What seals the credentials it keeps, and opens the files above that are sealed. */
  sealer: SealerOptions;
}

export const USAGE =
  'usage: fabric --site ID --data DIR --kafka HOST:PORT --rest HOST:PORT [--advertised-host HOST] [--credentials FILE] [--tls-cert FILE --tls-key FILE [--tls-ca FILE]] [--secrets-key FILE] [--unprotected]   (port 0: any free one)';

/** Parses the command line of a fabric. Fails with CONFIG_INVALID. */
export function parseFabricOptions(args: readonly string[]): FabricOptions {
  let values: {
    site?: string;
    data?: string;
    kafka?: string;
    rest?: string;
    'advertised-host'?: string;
    credentials?: string;
    'tls-cert'?: string;
    'tls-key'?: string;
    'tls-ca'?: string;
    'secrets-key'?: string;
    unprotected?: boolean;
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
        'tls-cert': option,
        'tls-key': option,
        'tls-ca': option,
        'secrets-key': option,
        unprotected: { type: 'boolean' },
      },
    }));
  } catch (cause) {
    throw new FieldlineError('CONFIG_INVALID', errorMessage(cause), { cause, remedy: USAGE });
  }
  if (!values.site || !values.data || !values.kafka || !values.rest)
    throw new FieldlineError('CONFIG_INVALID', '--site, --data, --kafka and --rest are needed', { remedy: USAGE });
  const kafka = parseAddress('--kafka', values.kafka);
  const rest = parseAddress('--rest', values.rest);
  const { credentials, 'tls-cert': cert, 'tls-key': key, 'tls-ca': ca } = values;
  const sealer = sealerOptions(values.data, values['secrets-key']);
  const hasTls = [cert, key, ca].some((file) => file !== undefined);
  const tls = hasTls ? { ...tlsFiles(cert, key, ca), secretsKey: sealer.keyFile } : undefined;
  const isProtected = credentials !== undefined && tls !== undefined;
  if (!isProtected && !values.unprotected && ![kafka, rest].every(({ host }) => isLoopbackHost(host)))
    throw new FieldlineError(
      'CONFIG_INVALID',
      'The doors of a fabric listen beyond this machine only with credentials and TLS',
      {
        remedy:
          'Set "access": "credentials" for the fabric (npm start does by itself), or --unprotected on a private network where every machine is trusted',
      },
    );
  return {
    site: values.site,
    dataDirectory: values.data,
    kafka,
    rest,
    advertisedHost: values['advertised-host'],
    credentials: credentials === undefined ? undefined : readCredentials(credentials, sealer.keyFile),
    tls,
    sealer,
  };
}

/** Unless an operator named a key, all sites of a data directory share one, with the app (lib/config/secrets). */
const sealerOptions = (data: string, named: string | undefined): SealerOptions => ({
  keyFile: named ?? path.join(path.dirname(path.resolve(data)), 'secrets', 'key'),
  generateKey: named === undefined,
});

function tlsFiles(cert?: string, key?: string, ca?: string): Omit<TlsFiles, 'secretsKey'> {
  if (!cert || !key)
    throw new FieldlineError('CONFIG_INVALID', '--tls-cert and --tls-key go together', { remedy: USAGE });
  return { cert, key, ca };
}

/** `host:port`, with an IPv6 host in brackets. */
export function parseAddress(name: string, text: string): Address {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:/]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535)
    throw new FieldlineError('CONFIG_INVALID', `${name} takes HOST:PORT, not "${text}"`, { remedy: USAGE });
  return { host: (match[1] ?? match[2])!, port };
}

/** `{"username","password"}` from a file, sealed or not: a command line is there for all to read. */
function readCredentials(file: string, secretsKey: string): Credentials {
  try {
    const { username, password } = JSON.parse(readSecretFile(file, secretsKey)) as Partial<Credentials>;
    if (typeof username === 'string' && typeof password === 'string' && username && password)
      return { username, password };
  } catch (cause) {
    if (isFieldlineError(cause, 'SECRET_UNREADABLE')) throw cause;
    throw new FieldlineError('CONFIG_INVALID', `The credentials file ${file} can not be read: ${errorMessage(cause)}`);
  }
  throw new FieldlineError('CONFIG_INVALID', `The credentials file ${file} needs "username" and "password"`);
}
