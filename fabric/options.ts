import { parseArgs } from 'node:util';
import { errorMessage, FieldlineError } from '@/lib/errors';

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
}

export const USAGE =
  'usage: fabric --site ID --data DIR --kafka HOST:PORT --rest HOST:PORT [--advertised-host HOST]   (port 0: any free one)';

/** Parses the command line of a fabric. Fails with CONFIG_INVALID. */
export function parseFabricOptions(args: readonly string[]): FabricOptions {
  let values: { site?: string; data?: string; kafka?: string; rest?: string; 'advertised-host'?: string };
  try {
    const option = { type: 'string' } as const;
    ({ values } = parseArgs({
      args: [...args],
      options: { site: option, data: option, kafka: option, rest: option, 'advertised-host': option },
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
