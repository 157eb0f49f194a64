import type { Path, PathSegment } from './path';
import type { OjaiValue } from './types';
import { isMap, type OjaiMap } from './values';

/** The wanted paths as a tree. */
export interface Projection {
  /** True: everything below is wanted. */
  whole: boolean;
  fields: Map<string, Projection>;
  indexes: Map<number, Projection>;
  any: Projection | undefined;
}

const empty = (): Projection => ({ whole: false, fields: new Map(), indexes: new Map(), any: undefined });

export function buildProjection(paths: readonly Path[]): Projection {
  const root = empty();
  for (const path of paths) {
    let node = root;
    for (const segment of path.segments) node = child(node, segment);
    node.whole = true;
  }
  // Clients rely on the id to know which document they hold.
  child(root, { kind: 'field', name: '_id' }).whole = true;
  return root;
}

function child(node: Projection, segment: PathSegment): Projection {
  if (segment.kind === 'any') {
    node.any ??= empty();
    return node.any;
  }
  const [map, key] = (segment.kind === 'field' ? [node.fields, segment.name] : [node.indexes, segment.index]) as [
    Map<string | number, Projection>,
    string | number,
  ];
  const next = map.get(key) ?? empty();
  map.set(key, next);
  return next;
}

/** The document with the wanted fields only, `_id` always; of an array the wanted elements, in their order, without gaps. */
export function project(document: OjaiMap, projection: Projection): OjaiMap {
  return (select(document, projection) ?? {}) as OjaiMap;
}

function select(value: OjaiValue, node: Projection): OjaiValue | undefined {
  if (node.whole) return value;
  if (Array.isArray(value)) {
    if (!node.any && node.indexes.size === 0) return undefined;
    return value.flatMap((item, index) => {
      const inner = node.indexes.get(index) ?? node.any;
      const selected = inner && select(item, inner);
      return selected === undefined ? [] : [selected];
    });
  }
  if (node.any) return select(value, node.any);
  if (!isMap(value)) return undefined;
  const result: OjaiMap = {};
  let found = false;
  for (const [name, item] of Object.entries(value)) {
    const inner = node.fields.get(name);
    const selected = inner && select(item, inner);
    if (selected === undefined) continue;
    result[name] = selected;
    found = true;
  }
  return found ? result : undefined;
}
