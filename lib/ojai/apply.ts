import { FieldlineError } from '@/lib/errors';
import { addNumbers, isNumeric, negate } from './arithmetic';
import type { MutationStep } from './mutation';
import type { Path, PathSegment } from './path';
import type { OjaiValue } from './types';
import { isMap, type OjaiMap, setField, typeOf, untagged } from './values';

/** Setting an element beyond the end fills up with nulls, at most so many. */
const ARRAY_PAD_MAX = 1000;

/**
 * Applies a mutation and returns the new document; the given one stays as it is. All steps apply or none:
 * fails with MUTATION_INVALID where a step does not fit what is there.
 */
export function applyMutation<T extends OjaiValue>(document: T, steps: readonly MutationStep[]): T {
  return applyMutationInPlace(cloneValue(document) as T, steps);
}

/** As `applyMutation`, on the document itself: for one that nobody else has. Where it fails some steps are done, and it is of no use. */
export function applyMutationInPlace<T extends OjaiValue>(document: T, steps: readonly MutationStep[]): T {
  for (const step of steps) applyStep(document, step);
  return document;
}

export function cloneValue(value: OjaiValue): OjaiValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(cloneValue);
  const copy: OjaiMap = {};
  for (const key of Object.keys(value)) setField(copy, key, cloneValue(value[key]!));
  return copy;
}

function applyStep(root: OjaiValue, { op, path, value }: MutationStep): void {
  const last = path.segments.at(-1)!;
  const parent = findParent(root, path, op);
  if (parent === undefined) return; // `$delete` of what is not there.
  if (op === '$delete') {
    if (last.kind === 'field' && isMap(parent)) delete parent[last.name];
    else if (last.kind === 'index' && Array.isArray(parent)) parent.splice(last.index, 1);
    return;
  }
  const current = entry(parent, last);
  if (op === '$put' || current === undefined) {
    assign(
      parent,
      last,
      path,
      current === undefined && op === '$decrement' ? negate(numeric(value, op, path)) : cloneValue(value),
      op,
    );
    return;
  }
  switch (op) {
    case '$set':
      if (typeOf(current) !== typeOf(value)) mismatch(op, path, current, typeOf(value));
      assign(parent, last, path, cloneValue(value), op);
      break;
    case '$append':
      assign(parent, last, path, appended(current, value, path), op);
      break;
    case '$merge':
      assign(parent, last, path, merged(current, value, path), op);
      break;
    default: {
      const delta = numeric(value, op, path);
      assign(
        parent,
        last,
        path,
        addNumbers(numeric(current, op, path), op === '$increment' ? delta : negate(delta), path.text),
        op,
      );
    }
  }
}

/** The map or array that holds the last segment. Missing ones on the way are made, but for `$delete`; `$put` replaces what is in the way. */
function findParent(root: OjaiValue, path: Path, op: MutationStep['op']): OjaiValue | undefined {
  let value = root;
  for (const [index, segment] of path.segments.slice(0, -1).entries()) {
    const fits = path.segments[index + 1]!.kind === 'field' ? isMap : Array.isArray;
    let next = entry(value, segment);
    if (next === undefined || !fits(next)) {
      if (op === '$delete') return undefined;
      if (next !== undefined && op !== '$put') mismatch(op, path, next, fits === isMap ? 'map' : 'array');
      next = fits === isMap ? {} : [];
      assign(value, segment, path, next, op);
    }
    value = next;
  }
  return value;
}

function entry(holder: OjaiValue, segment: PathSegment): OjaiValue | undefined {
  if (segment.kind === 'field')
    return isMap(holder) && Object.hasOwn(holder, segment.name) ? holder[segment.name] : undefined;
  return segment.kind === 'index' && Array.isArray(holder) ? holder[segment.index] : undefined;
}

function assign(holder: OjaiValue, segment: PathSegment, path: Path, value: OjaiValue, op: string): void {
  if (segment.kind === 'field' && isMap(holder)) {
    setField(holder, segment.name, value);
  } else if (segment.kind === 'index' && Array.isArray(holder)) {
    if (segment.index > holder.length + ARRAY_PAD_MAX)
      throw new FieldlineError(
        'MUTATION_INVALID',
        `${op} of ${JSON.stringify(path.text)}: the array has ${holder.length} elements, too few for index ${segment.index}`,
      );
    while (holder.length < segment.index) holder.push(null);
    holder[segment.index] = value;
  }
}

function appended(current: OjaiValue, value: OjaiValue, path: Path): OjaiValue {
  if (Array.isArray(current))
    return [...current, ...(Array.isArray(value) ? value.map(cloneValue) : [cloneValue(value)])];
  const type = typeOf(current);
  if (typeOf(value) !== type) return mismatch('$append', path, current, typeOf(value));
  if (type === 'string') return `${current}${value}`;
  if (type === 'map') return { ...(current as OjaiMap), ...(cloneValue(value) as OjaiMap) };
  if (type === 'binary') {
    const bytes = [current, value].map((part) => Buffer.from(untagged(part) as string, 'base64'));
    return { $binary: Buffer.concat(bytes).toString('base64') };
  }
  return mismatch('$append', path, current, 'array, string, binary or map');
}

function merged(current: OjaiValue, value: OjaiValue, path: Path): OjaiValue {
  if (!isMap(current)) return mismatch('$merge', path, current, 'map');
  return { ...current, ...(cloneValue(value) as OjaiMap) };
}

function numeric(value: OjaiValue, op: string, path: Path): OjaiValue {
  return isNumeric(value) ? value : mismatch(op, path, value, 'number');
}

function mismatch(op: string, path: Path, found: OjaiValue, wanted: string): never {
  throw new FieldlineError(
    'MUTATION_INVALID',
    `${op} of ${JSON.stringify(path.text)}: there is a value of type ${typeOf(found)} where ${wanted} is needed`,
    { remedy: op === '$set' ? 'Use $put to replace a value by one of another type' : undefined },
  );
}
