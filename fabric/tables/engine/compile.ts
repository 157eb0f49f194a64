/**
 * Conditions and orders as SQL over a table's `doc`. For documents that are not special, the SQL holds wherever the condition does;
 * where `exact`, only there. What SQL can not say exactly is said more widely, and lib/ojai judges the rest.
 */
import {
  type ConditionLeaf,
  type ConditionNode,
  compareScalars,
  type LikeToken,
  MISSING_RANK,
  type OjaiValue,
  type OrderTerm,
  type Path,
  TYPE_RANKS,
  typeOf,
  untagged,
} from '@/lib/ojai';
import { isPlainNumber, isPlainText } from './special';

export interface CompiledCondition {
  sql: string;
  parameters: (string | number)[];
  exact: boolean;
  /** Paths that an index would help, in the order of their use. */
  wishes: string[];
}

/** SQLite's expression depth ends at 1000 (limit SQLITE_MAX_EXPR_DEPTH), and a chain of AND is as deep as it is long. */
const COMPILED_NODES_MAX = 200;
/** Names that need no escapes, neither in JSON text nor in a JSON path. */
const PLAIN_NAME = /^[A-Za-z0-9_$@ -]+$/;

const EVERYTHING: CompiledCondition = { sql: '1', parameters: [], exact: false, wishes: [] };
const NOTHING: CompiledCondition = { sql: '0', parameters: [], exact: true, wishes: [] };

/** A field's expressions: `rank` is its class (lib/ojai TYPE_RANKS, 0: missing), `value` what is compared within the class. */
interface FieldSql {
  rank: string;
  value: string;
}

/** Undefined for a path that SQL can not follow. The texts must be the same in conditions and in indexes, or the index is not used. */
export function fieldSql(path: Path): FieldSql | undefined {
  if (path.container) return undefined;
  const [first] = path.segments;
  if (path.segments.length === 1 && first?.kind === 'field' && first.name === '_id')
    return { rank: String(TYPE_RANKS.string), value: 'id' };
  let jsonPath = '$';
  for (const segment of path.segments) {
    if (segment.kind === 'index') jsonPath += `[${segment.index}]`;
    else if (segment.kind === 'field' && PLAIN_NAME.test(segment.name)) jsonPath += `."${segment.name}"`;
    else return undefined;
  }
  const type = `json_type(doc,'${jsonPath}')`;
  return {
    rank:
      `CASE ${type} WHEN 'text' THEN ${TYPE_RANKS.string} WHEN 'integer' THEN ${TYPE_RANKS.double} WHEN 'real' THEN ${TYPE_RANKS.double} ` +
      `WHEN 'true' THEN ${TYPE_RANKS.boolean} WHEN 'false' THEN ${TYPE_RANKS.boolean} WHEN 'null' THEN ${TYPE_RANKS.null} ` +
      `WHEN 'array' THEN ${TYPE_RANKS.array} WHEN 'object' THEN ${TYPE_RANKS.map} ELSE ${MISSING_RANK} END`,
    value: `CASE WHEN ${type} IN ('array','object') THEN NULL ELSE json_extract(doc,'${jsonPath}') END`,
  };
}

export function compileCondition(node: ConditionNode): CompiledCondition {
  return countNodes(node) > COMPILED_NODES_MAX ? EVERYTHING : compileNode(node, true);
}

/** The ORDER BY of the terms, then `_id`; undefined when SQL can not follow one of the paths. */
export function compileOrder(terms: readonly OrderTerm[]): string | undefined {
  const parts: string[] = [];
  for (const { path, descending } of terms) {
    const field = fieldSql(path);
    if (!field) return undefined;
    const direction = descending ? ' DESC' : '';
    // A literal would be taken for a column's number.
    if (field.value !== 'id') parts.push(`${field.rank}${direction}`);
    parts.push(`${field.value}${direction}`);
  }
  return [...parts, 'id'].join(', ');
}

function countNodes(node: ConditionNode): number {
  return 'children' in node ? node.children.reduce((sum, child) => sum + countNodes(child), 1) : 1;
}

function compileNode(node: ConditionNode, mayUseIndex: boolean): CompiledCondition {
  if (node.kind === 'and' || node.kind === 'or') {
    const driver = node.kind === 'and' && mayUseIndex ? drivingChild(node.children) : undefined;
    const parts = node.children.map((child) => compileNode(child, mayUseIndex && (!driver || child === driver)));
    if (parts.length === 0) return { ...EVERYTHING, exact: true };
    return {
      sql: `(${parts.map((part) => part.sql).join(node.kind === 'and' ? ' AND ' : ' OR ')})`,
      parameters: parts.flatMap((part) => part.parameters),
      exact: parts.every((part) => part.exact),
      wishes: parts.flatMap((part) => part.wishes),
    };
  }
  const indexed = fieldSql(node.path);
  if (!indexed) return EVERYTHING;
  const field = mayUseIndex ? indexed : withoutIndex(indexed);
  const positive = compileLeaf(node, field);
  if (!mayUseIndex) positive.wishes = [];
  if (!node.negated) return positive;
  // The opposite of something wider would be too narrow.
  return positive.exact ? { ...positive, sql: `NOT ${positive.sql}`, wishes: [] } : EVERYTHING;
}

/**
 * Which of several conditions picks the rows, by an index: the first equality, else the first that an index could serve. SQLite knows
 * nothing of the values, and takes "at most now", which nearly all rows meet, for as good as "is waiting".
 */
function drivingChild(children: readonly ConditionNode[]): ConditionNode | undefined {
  const isEquality = (child: ConditionNode) =>
    (child.kind === 'in' || (child.kind === 'compare' && child.op === 'eq')) && !child.negated;
  const candidates = children.filter((child) => !('path' in child) || fieldSql(child.path)?.value !== 'id');
  return candidates.find(isEquality) ?? candidates.find((child) => compileNode(child, true).wishes.length > 0);
}

/** The same values, by expressions that no index has. */
function withoutIndex(field: FieldSql): FieldSql {
  return field.value === 'id' ? field : { rank: `+${field.rank}`, value: `+${field.value}` };
}

function compileLeaf(leaf: ConditionLeaf, field: FieldSql): CompiledCondition {
  const exact = (sql: string): CompiledCondition => ({ sql, parameters: [], exact: true, wishes: [] });
  const wide = (...ranks: number[]): CompiledCondition => ({ ...exact(`${field.rank} IN (${ranks})`), exact: false });
  const wishes = field.value === 'id' ? [] : [leaf.path.text];
  switch (leaf.kind) {
    case 'exists':
      return exact(`(${field.rank} > ${MISSING_RANK})`);
    case 'typeof':
      return ['null', 'boolean', 'double', 'string', 'array', 'map'].includes(leaf.type)
        ? exact(`(${field.rank} = ${TYPE_RANKS[leaf.type]})`)
        : NOTHING;
    case 'compare':
      return { ...compileComparison(field, leaf.op, leaf.value), wishes };
    case 'between': {
      const [low, high] = [compileComparison(field, 'ge', leaf.low), compileComparison(field, 'le', leaf.high)];
      return {
        sql: `(${low.sql} AND ${high.sql})`,
        parameters: [...low.parameters, ...high.parameters],
        exact: low.exact && high.exact,
        wishes,
      };
    }
    case 'in':
      return { ...compileIn(field, leaf.values), wishes };
    case 'matches':
      return wide(TYPE_RANKS.string);
    case 'like':
      return { ...compileLike(field, leaf.tokens), wishes };
    case 'sizeof':
      return wide(TYPE_RANKS.string, TYPE_RANKS.array, TYPE_RANKS.map);
    case 'elementAnd':
      return EVERYTHING;
  }
}

const OPERATORS = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;

function compileComparison(field: FieldSql, op: keyof typeof OPERATORS, value: OjaiValue): CompiledCondition {
  const rank = TYPE_RANKS[typeOf(value)];
  const ofClass = `${field.rank} = ${rank}`;
  const bound = bindable(value);
  if (bound !== undefined)
    return { sql: `(${ofClass} AND ${field.value} ${OPERATORS[op]} ?)`, parameters: [bound], exact: true, wishes: [] };
  if (value === null) return op === 'gt' || op === 'lt' ? NOTHING : { ...NOTHING, sql: `(${ofClass})` };
  if (compareScalars(value, value) === undefined && op !== 'eq') return NOTHING; // Arrays and maps have no order.
  return { ...EVERYTHING, sql: `(${ofClass})` };
}

function compileIn(field: FieldSql, values: readonly OjaiValue[]): CompiledCondition {
  const byRank = new Map<number, (string | number)[]>();
  const others: CompiledCondition[] = [];
  for (const value of values) {
    const bound = bindable(value);
    if (bound === undefined) others.push(compileComparison(field, 'eq', value));
    else byRank.set(TYPE_RANKS[typeOf(value)], [...(byRank.get(TYPE_RANKS[typeOf(value)]) ?? []), bound]);
  }
  if (others.length > COMPILED_NODES_MAX) return EVERYTHING;
  const groups = [...byRank].map(([rank, list]) => ({
    sql: `(${field.rank} = ${rank} AND ${field.value} IN (${list.map(() => '?').join(',')}))`,
    parameters: list,
  }));
  if (groups.length + others.length === 0) return NOTHING;
  return {
    sql: `(${[...groups, ...others].map((part) => part.sql).join(' OR ')})`,
    parameters: [...groups, ...others].flatMap((part) => part.parameters),
    exact: others.every((part) => part.exact),
    wishes: [],
  };
}

/**
 * LIKE as lib/ojai has it, by case: SQLite's own minds no case. Equality, prefix, suffix and "contains" are exact; other patterns are
 * narrowed to the texts that contain each of their literal parts.
 */
function compileLike(field: FieldSql, tokens: readonly LikeToken[]): CompiledCondition {
  const ofClass = `${field.rank} = ${TYPE_RANKS.string}`;
  const literals = literalParts(tokens);
  if (!isPlainText(tokens.map((token) => (token.kind === 'char' ? token.char : '')).join('')))
    return { ...EVERYTHING, sql: `(${ofClass})` };
  const [literal = ''] = literals;
  const tests: Record<string, string> = {
    '': `${field.value} = ''`,
    L: `${field.value} = ?`,
    '%': '1',
    'L%': `substr(${field.value}, 1, ${[...literal].length}) = ?`,
    '%L': `substr(${field.value}, -${[...literal].length}) = ?`,
    '%L%': `instr(${field.value}, ?) > 0`,
  };
  // The pattern's shape: each literal part as L, `_` and `%` as they are.
  const shape = tokens
    .map((token) => ({ char: 'L', one: '_', run: '%' })[token.kind])
    .join('')
    .replace(/L+/g, 'L');
  const exact = Object.hasOwn(tests, shape);
  const sql = exact ? tests[shape] : ['1', ...literals.map(() => `instr(${field.value}, ?) > 0`)].join(' AND ');
  return { sql: `(${ofClass} AND ${sql})`, parameters: literals, exact, wishes: [] };
}

/** The runs of plain characters in a pattern, in order. */
function literalParts(tokens: readonly LikeToken[]): string[] {
  const text = tokens.map((token) => (token.kind === 'char' ? token.char : '\0')).join('');
  return text.split('\0').filter((part) => part !== '');
}

/** The value as SQL compares it, for booleans, strings and numbers that arrive unchanged. */
function bindable(value: OjaiValue): string | number | undefined {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') return isPlainText(value) ? value : undefined;
  if (TYPE_RANKS[typeOf(value)] !== TYPE_RANKS.double) return undefined;
  const number = untagged(value);
  return typeof number === 'number' && isPlainNumber(number) ? number : undefined;
}
