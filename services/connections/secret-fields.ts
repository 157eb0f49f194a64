/** Between settings as a person enters them, with secrets in them, and as they are kept, with files in their place. */

import { FieldlineError } from '@/lib/errors';
import type { SecretStore } from '@/lib/secrets';

type Settings = { [key: string]: unknown };
const isSettings = (value: unknown): value is Settings =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A secret as it is entered, the setting that names its file, and what is shown of it. */
const FIELDS = {
  password: { file: 'passwordFile', has: 'hasPassword', needed: true },
  secretAccessKey: { file: 'secretAccessKeyFile', has: 'hasSecretAccessKey', needed: true },
  ca: { file: 'caFile', has: 'hasCa', needed: false },
} as const;
type Field = keyof typeof FIELDS;
const NAMES = Object.keys(FIELDS) as Field[];

/** What belongs to a secret: it stays where this does, and has to be typed anew where this changes. */
const ADDRESS_FIELDS = [
  'kind',
  'host',
  'port',
  'brokers',
  'address',
  'kafka',
  'endpoint',
  'cluster',
  'adminPort',
  'tablesPort',
  'streamsPort',
];

/**
 * The settings to keep for those that were entered: secrets go into the store, under `id` and where they stand (below `at`); those left out
 * stay as `before` has them, where it has the same address. Fails with REQUEST_INVALID, naming the field.
 */
export async function storeSecrets(
  entered: unknown,
  before: unknown,
  store: SecretStore,
  id: string,
  at: string[] = [],
): Promise<unknown> {
  return convert(entered, before, sameAddress(entered, before), at);

  async function convert(value: unknown, old: unknown, same: boolean, at: string[]): Promise<unknown> {
    if (!isSettings(value)) return value;
    const known = isSettings(old) ? old : {};
    const kept: Settings = {};
    for (const [key, member] of Object.entries(value)) {
      if (isField(key)) continue;
      const inner = known[key];
      kept[key] = await convert(member, inner, same && sameAddress(member, inner), [...at, key]);
    }
    for (const name of NAMES) {
      const text = value[name];
      const { file, needed } = FIELDS[name];
      if (typeof text === 'string') kept[file] = await store.put([id, ...at, name].join('.'), text);
      else if (text === null) continue;
      else if (typeof known[file] === 'string' && (same || !needed)) kept[file] = known[file];
      else if (needed && asksFor(value, name))
        throw new FieldlineError(
          'REQUEST_INVALID',
          `${[...at, name].join('.')}: ${typeof known[file] === 'string' ? 'type it again: it was kept for another address' : 'is needed'}`,
        );
    }
    return kept;
  }
}

/** Whether settings of this form have the secret: whoever is named by a user name has a password. */
const asksFor = (value: Settings, name: Field) =>
  name === 'password' ? 'username' in value || 'user' in value : 'accessKeyId' in value;

const isField = (key: string): key is Field => Object.hasOwn(FIELDS, key);

function sameAddress(entered: unknown, before: unknown): boolean {
  if (!isSettings(entered) || !isSettings(before)) return false;
  return ADDRESS_FIELDS.every((key) => JSON.stringify(entered[key]) === JSON.stringify(before[key]));
}

/** Kept settings as they are shown: of a secret, only whether there is one. */
export function withoutSecrets(kept: unknown): unknown {
  if (Array.isArray(kept)) return kept.map(withoutSecrets);
  if (!isSettings(kept)) return kept;
  const shown: Settings = {};
  for (const [key, member] of Object.entries(kept)) if (!key.endsWith('File')) shown[key] = withoutSecrets(member);
  for (const name of NAMES) {
    const { file, has, needed } = FIELDS[name];
    const there = typeof kept[file] === 'string';
    if (there || (needed && asksFor(kept, name)) || (!needed && mayHaveAuthority(kept))) shown[has] = there;
  }
  return shown;
}

/** TLS settings of their own, a bucket, a cluster. */
const mayHaveAuthority = (kept: Settings) =>
  Object.keys(kept).every((key) => key === 'caFile' || key === 'serverName') ||
  'endpoint' in kept ||
  kept.kind === 'datafabric';
