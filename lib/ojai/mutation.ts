/** The mutations of OJAI, parsed (HPE documentation "OJAI Document Mutation Syntax"; ojai `DocumentMutation`). */
import { FieldlineError } from '@/lib/errors';
import { type Path, parsePath } from './path';
import type { OjaiValue } from './types';
import { isMap, normalize } from './values';

export const MUTATION_OPS = ['$set', '$put', '$append', '$merge', '$increment', '$decrement', '$delete'] as const;
export type MutationOp = (typeof MUTATION_OPS)[number];
export interface MutationStep {
  op: MutationOp;
  path: Path;
  /** Null for `$delete`. */
  value: OjaiValue;
}

const STEPS_MAX = 1000;

const fail = (message: string): never => {
  throw new FieldlineError('MUTATION_INVALID', message);
};

/** Parses a mutation into steps, in the order written. Fails with MUTATION_INVALID and says which operation is wrong. */
export function parseMutation(json: unknown): MutationStep[] {
  if (!isObject(json)) return fail('A mutation is an object such as {"$set": {"field": value}}');
  const steps = Object.entries(json).flatMap(([op, argument]) => parseOp(op, argument));
  if (steps.length === 0) fail('The mutation is empty');
  if (steps.length > STEPS_MAX) fail(`The mutation has more than ${STEPS_MAX} operations`);
  return steps;
}

function parseOp(name: string, argument: unknown): MutationStep[] {
  const op =
    MUTATION_OPS.find((known) => known === name) ??
    fail(`There is no operation ${JSON.stringify(name.slice(0, 60))}; there are ${MUTATION_OPS.join(', ')}`);
  return (Array.isArray(argument) ? argument : [argument]).flatMap((item: unknown): MutationStep[] => {
    if (typeof item === 'string' && op === '$delete') return [{ op, path: mutablePath(op, item), value: null }];
    // A bare path counts by one, as the clients default it.
    if (typeof item === 'string' && (op === '$increment' || op === '$decrement'))
      return [{ op, path: mutablePath(op, item), value: 1 }];
    if (op === '$delete') return fail('$delete needs a field path, or an array of them');
    if (!isObject(item)) return fail(`${op} needs {"field": value}, or an array of such`);
    return Object.entries(item).map(([field, value]) => ({
      op,
      path: mutablePath(op, field),
      value: operand(op, field, value),
    }));
  });
}

function operand(op: MutationOp, field: string, raw: unknown): OjaiValue {
  const where = `${op} of ${JSON.stringify(field)}`;
  const value = normalize(raw, where, 'MUTATION_INVALID');
  if (op === '$merge' && !isMap(value)) fail(`${where} needs a map`);
  return value;
}

function mutablePath(op: MutationOp, text: string): Path {
  const path = parsePath(text, 'MUTATION_INVALID');
  if (path.container) fail(`${op} of ${JSON.stringify(text)}: a mutation names one element; "[]" is for conditions`);
  const first = path.segments[0];
  if (first?.kind === 'field' && first.name === '_id') fail(`${op}: the field "_id" can not be set or changed`);
  return path;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
