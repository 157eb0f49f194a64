import { compareScalars, equalValues } from './compare';
import type { ComparisonOp, ConditionLeaf, ConditionNode } from './condition';
import { matchesLike } from './like';
import { valueAt, valuesAt } from './resolve';
import type { OjaiValue } from './types';
import { isMap, typeOf } from './values';

/**
 * Whether a document (normalised, see values.ts) meets a condition. A leaf on a container path (`a[]`) holds when it holds for one of
 * the values the path stands for; a negated leaf holds exactly where the plain one does not.
 */
export function matchesCondition(node: ConditionNode, document: OjaiValue): boolean {
  if (node.kind === 'and') return node.children.every((child) => matchesCondition(child, document));
  if (node.kind === 'or') return node.children.some((child) => matchesCondition(child, document));
  if (node.path.container)
    return valuesAt(document, node.path.segments).some((value) => holds(node, value)) !== node.negated;
  const value = valueAt(document, node.path.segments);
  return (value !== undefined && holds(node, value)) !== node.negated;
}

function holds(leaf: ConditionLeaf, value: OjaiValue): boolean {
  switch (leaf.kind) {
    case 'exists':
      return true;
    case 'compare':
      return leaf.op === 'eq' ? equalValues(value, leaf.value) : ordered(compareScalars(value, leaf.value), leaf.op);
    case 'between':
      return ordered(compareScalars(value, leaf.low), 'ge') && ordered(compareScalars(value, leaf.high), 'le');
    case 'in':
      return leaf.values.some((candidate) => equalValues(value, candidate));
    case 'matches':
      return typeof value === 'string' && leaf.regex.test(value);
    case 'like':
      return typeof value === 'string' && matchesLike(value, leaf.tokens);
    case 'typeof':
      return typeOf(value) === leaf.type;
    case 'sizeof': {
      const size = sizeOf(value);
      if (size === undefined) return false;
      return leaf.op === 'ne' ? size !== leaf.size : ordered(size - leaf.size, leaf.op);
    }
    case 'elementAnd':
      return leaf.children.every((child) => matchesCondition(child, value));
  }
}

function ordered(difference: number | undefined, op: ComparisonOp): boolean {
  if (difference === undefined) return false;
  switch (op) {
    case 'eq':
      return difference === 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
  }
}

/** Characters (UTF-16 units, as Java's String.length), elements, or fields; undefined for values without a size. */
function sizeOf(value: OjaiValue): number | undefined {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return isMap(value) ? Object.keys(value).length : undefined;
}
