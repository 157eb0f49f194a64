/** The conditions of OJAI, parsed (HPE documentation "OJAI Query Condition Operators"). */
import { FieldlineError } from '@/lib/errors';
import { type LikeToken, parseLike } from './like';
import { type Path, parsePath } from './path';
import { Regex } from './regex/regex';
import type { OjaiValue } from './types';
import { normalize, OJAI_TYPES, type OjaiType } from './values';

export type ComparisonOp = 'eq' | 'gt' | 'ge' | 'lt' | 'le';
/** `negated` turns a leaf into its exact opposite: `$ne` holds wherever `$eq` does not, also where the field is missing. */
export type ConditionNode =
  | { kind: 'and'; children: ConditionNode[] }
  | { kind: 'or'; children: ConditionNode[] }
  | { kind: 'exists'; path: Path; negated: boolean }
  | { kind: 'compare'; path: Path; op: ComparisonOp; value: OjaiValue; negated: boolean }
  | { kind: 'between'; path: Path; low: OjaiValue; high: OjaiValue; negated: boolean }
  | { kind: 'in'; path: Path; values: OjaiValue[]; negated: boolean }
  | { kind: 'matches'; path: Path; regex: Regex; negated: boolean }
  | { kind: 'like'; path: Path; tokens: LikeToken[]; negated: boolean }
  | { kind: 'typeof'; path: Path; type: OjaiType; negated: boolean }
  | { kind: 'sizeof'; path: Path; op: ComparisonOp | 'ne'; size: number; negated: boolean }
  | { kind: 'elementAnd'; path: Path; children: ConditionNode[]; negated: boolean };
export type ConditionLeaf = Exclude<ConditionNode, { kind: 'and' } | { kind: 'or' }>;

const CONDITION_DEPTH_MAX = 32;
/** Leaves and groups of one condition. */
const CONDITION_NODES_MAX = 1000;
const IN_VALUES_MAX = 10_000;

const fail = (message: string): never => {
  throw new FieldlineError('CONDITION_INVALID', message);
};

type LeafParser = (path: Path, argument: unknown, where: string, budget: Budget, depth: number) => ConditionLeaf;
interface Budget {
  nodes: number;
}

const comparison =
  (op: ComparisonOp, negated = false): LeafParser =>
  (path, argument, where) => ({
    kind: 'compare',
    path,
    op,
    value: normalize(argument, where, 'CONDITION_INVALID'),
    negated,
  });
const membership =
  (negated: boolean): LeafParser =>
  (path, argument, where) => {
    const values = Array.isArray(argument) ? argument : fail(`${where} needs an array of values`);
    if (values.length > IN_VALUES_MAX) fail(`${where} has more than ${IN_VALUES_MAX} values`);
    return { kind: 'in', path, values: values.map((v) => normalize(v, where, 'CONDITION_INVALID')), negated };
  };
const regex =
  (negated: boolean): LeafParser =>
  (path, argument, where) => ({
    kind: 'matches',
    path,
    regex: new Regex(typeof argument === 'string' ? argument : fail(`${where} needs a pattern as a string`)),
    negated,
  });
const like =
  (negated: boolean): LeafParser =>
  (path, argument, where) => {
    const [pattern, escapeChar] = Array.isArray(argument) && argument.length === 2 ? argument : [argument, undefined];
    if (typeof pattern !== 'string') return fail(`${where} needs a pattern, or [pattern, escape character]`);
    if (escapeChar !== undefined && (typeof escapeChar !== 'string' || [...escapeChar].length !== 1))
      return fail(`${where}: the escape is one character`);
    return { kind: 'like', path, tokens: parseLike(pattern, escapeChar), negated };
  };
const ofType =
  (negated: boolean): LeafParser =>
  (path, argument, where) => {
    const type = OJAI_TYPES.find((name) => name === String(argument).toLowerCase());
    return { kind: 'typeof', path, type: type ?? fail(`${where} needs one of ${OJAI_TYPES.join(', ')}`), negated };
  };

const LEAVES: Readonly<Record<string, LeafParser>> = {
  $eq: comparison('eq'),
  $ne: comparison('eq', true),
  $gt: comparison('gt'),
  $ge: comparison('ge'),
  $lt: comparison('lt'),
  $le: comparison('le'),
  $in: membership(false),
  $notin: membership(true),
  $matches: regex(false),
  $notmatches: regex(true),
  $like: like(false),
  $notlike: like(true),
  $typeof: ofType(false),
  $nottypeof: ofType(true),
  $between: (path, argument, where) => {
    const range = Array.isArray(argument) && argument.length === 2 ? argument : fail(`${where} needs [low, high]`);
    const [low, high] = range.map((value: unknown) => normalize(value, where, 'CONDITION_INVALID'));
    return { kind: 'between', path, low: low!, high: high!, negated: false };
  },
  $sizeof: (path, argument, where) => {
    const entries = isObject(argument) ? Object.entries(argument) : [];
    const [operator, size] = entries.length === 1 ? entries[0]! : ['', undefined];
    if (!/^\$(eq|ne|gt|ge|lt|le)$/.test(operator) || typeof size !== 'number' || !Number.isInteger(size))
      return fail(`${where} needs one comparison with an integer, such as {"$ge": 3}`);
    return { kind: 'sizeof', path, op: operator.slice(1) as ComparisonOp | 'ne', size, negated: false };
  },
  $elementAnd: (path, argument, where, budget, depth) => {
    if (path.segments.at(-1)?.kind !== 'any') fail(`${where} needs a container path such as "grades[]"`);
    if (!Array.isArray(argument) || argument.length === 0) return fail(`${where} needs an array of conditions`);
    const children = argument.map((child) => parseNode(child, budget, depth + 1));
    return { kind: 'elementAnd', path, children, negated: false };
  },
};

/** Parses a condition, possibly wrapped in `$where`; `{}` holds for every document. Fails with CONDITION_INVALID and says which operator is wrong. */
export function parseCondition(json: unknown): ConditionNode {
  const inner = isObject(json) && Object.keys(json).length === 1 && '$where' in json ? json.$where : json;
  return parseNode(inner, { nodes: 0 }, 0);
}

function parseNode(json: unknown, budget: Budget, depth: number): ConditionNode {
  if (!isObject(json))
    return fail(`A condition is an object with operators, not ${JSON.stringify(json)?.slice(0, 60)}`);
  if (depth > CONDITION_DEPTH_MAX) fail(`The condition is nested deeper than ${CONDITION_DEPTH_MAX} levels`);
  const parts = Object.entries(json).flatMap(([operator, argument]) =>
    parseOperator(operator, argument, budget, depth),
  );
  budget.nodes += parts.length;
  if (budget.nodes > CONDITION_NODES_MAX) fail(`The condition has more than ${CONDITION_NODES_MAX} parts`);
  return parts.length === 1 ? parts[0]! : { kind: 'and', children: parts };
}

function parseOperator(operator: string, argument: unknown, budget: Budget, depth: number): ConditionNode[] {
  if (operator === '$and' || operator === '$or') {
    if (!Array.isArray(argument) || argument.length === 0) return fail(`${operator} needs an array of conditions`);
    const children = argument.map((child) => parseNode(child, budget, depth + 1));
    return [{ kind: operator === '$and' ? 'and' : 'or', children }];
  }
  if (operator === '$exists' || operator === '$notexists')
    return [{ kind: 'exists', path: parsePath(argument, 'CONDITION_INVALID'), negated: operator === '$notexists' }];
  const parse = Object.hasOwn(LEAVES, operator) ? LEAVES[operator]! : fail(unknownOperator(operator));
  const fields = isObject(argument) ? Object.entries(argument) : fail(`${operator} needs {"field": ...}`);
  if (fields.length === 0) fail(`${operator} names no field`);
  return fields.map(([field, value]) =>
    parse(parsePath(field, 'CONDITION_INVALID'), value, `${operator} on ${JSON.stringify(field)}`, budget, depth),
  );
}

function unknownOperator(operator: string): string {
  const meant = {
    $gte: '$ge',
    $lte: '$le',
    $neq: '$ne',
    $nin: '$notin',
    $regex: '$matches',
    $not: 'the operators $not...',
  };
  const hint = Object.hasOwn(meant, operator) ? `; OJAI has ${meant[operator as keyof typeof meant]}` : '';
  return operator.startsWith('$')
    ? `There is no operator ${operator}${hint}`
    : `${JSON.stringify(operator.slice(0, 60))} is no operator: a condition is {"$operator": {"field": value}}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
