import { useState } from 'react';
import type { FabricView } from '@/lib/api/connections';

export type Values = { [key: string]: unknown };
const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface FormState {
  values: Values;
  /** By path; empty while nothing is wrong. */
  errors: Record<string, string>;
  text(path: string): string;
  has(path: string): boolean;
  set(path: string, value: unknown): void;
}

/** What a form begins with for one kind of fabric. Ports are those of usual installations. */
const FRESH: Record<FabricView['kind'], Values> = {
  embedded: { kind: 'embedded', host: '127.0.0.1', managed: true },
  kafka: {
    kind: 'kafka',
    brokers: [],
    postgres: { port: 5432 },
    s3: { region: 'us-east-1', pathStyle: true },
  },
  datafabric: { kind: 'datafabric', adminPort: 8443, tablesPort: 8243, streamsPort: 8082, tls: true },
};

/** The values that a form begins with: what is there, if it is of this kind, without what only tells of secrets. */
export const startValues = (kind: FabricView['kind'], known: FabricView): Values =>
  known.kind === kind ? (withoutMarks(known) as Values) : structuredClone(FRESH[kind]);

/** What is shown of a connection, without what only tells of secrets. */
export function withoutMarks(value: unknown): unknown {
  if (!isValues(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !/^has[A-Z]/.test(key));
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutMarks(member)]));
}

/** A value by its path; undefined where there is none. */
export function valueAt(values: unknown, path: string): unknown {
  let at = values;
  for (const key of path.split('.')) at = isValues(at) ? at[key] : undefined;
  return at;
}

function withValue(values: Values, [key, ...rest]: string[], value: unknown): Values {
  if (key === undefined) return values;
  const inner = rest.length === 0 ? value : withValue(isValues(values[key]) ? values[key] : {}, rest, value);
  const { [key]: _before, ...others } = values;
  return inner === undefined ? others : { ...values, [key]: inner };
}

/** The state of a connection's form. Errors are those of the last check, without those of fields changed since. */
export function useFormState(initial: Values) {
  const [values, setValues] = useState(initial);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const form: FormState = {
    values,
    errors,
    text(path) {
      const value = valueAt(values, path);
      return Array.isArray(value) ? value.join(', ') : value === undefined || value === null ? '' : String(value);
    },
    has: (path) => valueAt(values, path) !== undefined,
    set(path, value) {
      setValues((before) => withValue(before, path.split('.'), value));
      setErrors(({ [path]: _fixed, ...others }) => others);
    },
  };
  return { form, setValues, setErrors };
}
