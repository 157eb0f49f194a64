import type { PathSegment } from './path';
import type { OjaiValue } from './types';
import { isMap } from './values';

/** The value at a path without `[]`; undefined where there is none. */
export function valueAt(root: OjaiValue, segments: readonly PathSegment[]): OjaiValue | undefined {
  let value: OjaiValue | undefined = root;
  for (const segment of segments) {
    if (value === undefined) return undefined;
    if (segment.kind === 'field')
      value = isMap(value) && Object.hasOwn(value, segment.name) ? value[segment.name] : undefined;
    else if (segment.kind === 'index') value = Array.isArray(value) ? value[segment.index] : undefined;
    else return undefined;
  }
  return value;
}

/** Every value a container path stands for: at each `[]` the elements of an array, or the one value that is no array. */
export function valuesAt(root: OjaiValue, segments: readonly PathSegment[]): OjaiValue[] {
  let values: OjaiValue[] = [root];
  for (const segment of segments) {
    if (segment.kind === 'any') values = values.flat() as OjaiValue[];
    else values = values.map((value) => valueAt(value, [segment])).filter((value) => value !== undefined);
  }
  return values;
}
