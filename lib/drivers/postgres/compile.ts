/**
 * Conditions and orders as SQL with parameters. For documents that are not special (stored.ts) the SQL holds wherever the condition
 * does; where `exact`, only there. What SQL can not say exactly is said more widely, and lib/ojai judges the rest.
 */
import {
  type ComparisonOp,
  type ConditionLeaf,
  type ConditionNode,
  compareScalars,
  type LikeToken,
  type OjaiValue,
  type OrderTerm,
  TYPE_RANKS,
  typeOf,
  untagged,
} from '@/lib/ojai';
import { type FieldSql, fieldSql, orderSql } from './fields';
import { holdsTags, isPlainText } from './stored';

export type SqlParameter = string | boolean | string[];
export interface CompiledCondition {
  sql: string;
  parameters: SqlParameter[];
  exact: boolean;
}
/** A part of it; its parameters are added to a common list, whose places are in its text. */
interface Part {
  sql: string;
  exact: boolean;
}

const EVERYTHING: Part = { sql: 'true', exact: false };
const NOTHING: Part = { sql: 'false', exact: true };
const OPERATORS = { eq: '=', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;
const RANKED_TYPES = ['null', 'boolean', 'double', 'string', 'array', 'map'];

/** Undefined: every document. */
export function compileCondition(node: ConditionNode | undefined): CompiledCondition {
  const parameters: SqlParameter[] = [];
  const part = node ? new Compiler(parameters).node(node) : { sql: 'true', exact: true };
  return { ...part, parameters };
}

/** The ORDER BY of the terms, then `_id`; undefined when SQL can not follow one of the paths. */
export function compileOrder(terms: readonly OrderTerm[]): string | undefined {
  const parts: string[] = [];
  for (const { path, descending } of terms) {
    const field = fieldSql(path);
    if (!field) return undefined;
    parts.push(...orderSql(field).map((key) => (descending ? `${key} DESC` : key)));
    // Ids are unique: what follows decides nothing.
    if (field.isId) return parts.join(', ');
  }
  return [...parts, 'id'].join(', ');
}

class Compiler {
  constructor(readonly parameters: SqlParameter[]) {}

  node(node: ConditionNode): Part {
    if (node.kind === 'and' || node.kind === 'or') {
      const parts = node.children.map((child) => this.node(child));
      if (parts.length === 0) return { sql: 'true', exact: true };
      const sql = `(${parts.map((part) => part.sql).join(node.kind === 'and' ? ' AND ' : ' OR ')})`;
      return { sql, exact: parts.every((part) => part.exact) };
    }
    const field = fieldSql(node.path);
    if (!field) return EVERYTHING;
    const added = this.parameters.length;
    const positive = this.#leaf(node, field);
    if (!node.negated) return positive;
    // A missing field makes SQL's answer unknown, not false.
    if (positive.exact) return { sql: `NOT coalesce(${positive.sql}, false)`, exact: true };
    // The opposite of something wider would be too narrow; parameters nobody mentions would have no type.
    this.parameters.length = added;
    return EVERYTHING;
  }

  #leaf(leaf: ConditionLeaf, field: FieldSql): Part {
    const wide = (...ranks: number[]): Part => ({ sql: `(${field.rank} IN (${ranks}))`, exact: false });
    switch (leaf.kind) {
      case 'exists':
        return { sql: `(${field.json} IS NOT NULL)`, exact: true };
      case 'typeof':
        return RANKED_TYPES.includes(leaf.type)
          ? { sql: `(${field.rank} = ${TYPE_RANKS[leaf.type]})`, exact: true }
          : NOTHING;
      case 'compare':
        return this.#compare(field, leaf.op, leaf.value);
      case 'between': {
        const [low, high] = [this.#compare(field, 'ge', leaf.low), this.#compare(field, 'le', leaf.high)];
        return { sql: `(${low.sql} AND ${high.sql})`, exact: low.exact && high.exact };
      }
      case 'in':
        return this.#in(field, leaf.values);
      case 'matches':
        return wide(TYPE_RANKS.string);
      case 'like':
        return this.#like(field, leaf.tokens);
      case 'sizeof':
        return wide(TYPE_RANKS.string, TYPE_RANKS.array, TYPE_RANKS.map);
      case 'elementAnd':
        return EVERYTHING;
    }
  }

  #compare(field: FieldSql, op: ComparisonOp, value: OjaiValue): Part {
    const type = typeOf(value);
    if (op === 'eq' && isPlainJson(value)) return this.#equal(field, value);
    const number = TYPE_RANKS[type] === TYPE_RANKS.double ? untagged(value) : undefined;
    // Every double has one shortest decimal, which JSONB keeps, and their order is that of the doubles.
    if (typeof number === 'number')
      return { sql: `(${field.number} ${OPERATORS[op]} ${this.#bind(String(number))}::numeric)`, exact: true };
    if (typeof value === 'boolean')
      return { sql: `(${field.boolean} ${OPERATORS[op]} ${this.#bind(value)}::boolean)`, exact: true };
    if (typeof value === 'string' && isPlainText(value))
      return { sql: `(${field.text} ${OPERATORS[op]} ${this.#bind(value)}::text)`, exact: true };
    if (value === null) return op === 'gt' || op === 'lt' ? NOTHING : this.#equal(field, null);
    if (compareScalars(value, value) === undefined && op !== 'eq') return NOTHING; // Arrays and maps have no order.
    return { sql: `(${field.rank} = ${TYPE_RANKS[type]})`, exact: false };
  }

  /** JSONB's equality is that of lib/ojai where neither side has tags. */
  #equal(field: FieldSql, value: OjaiValue): Part {
    if (!field.isId) return { sql: `(${field.json} = ${this.#bind(JSON.stringify(value))}::jsonb)`, exact: true };
    return typeof value === 'string' ? { sql: `(id = ${this.#bind(value)}::text)`, exact: true } : NOTHING;
  }

  #in(field: FieldSql, values: readonly OjaiValue[]): Part {
    const plain = values.filter(isPlainJson);
    const parts = values.filter((value) => !isPlainJson(value)).map((value) => this.#compare(field, 'eq', value));
    const texts = plain.filter((value) => typeof value === 'string');
    if (field.isId && texts.length > 0) parts.push({ sql: `(id = ANY(${this.#bind(texts)}::text[]))`, exact: true });
    if (!field.isId && plain.length > 0) {
      const list = this.#bind(plain.map((value) => JSON.stringify(value)));
      parts.push({ sql: `(${field.json} = ANY(${list}::jsonb[]))`, exact: true });
    }
    if (parts.length === 0) return NOTHING;
    return { sql: `(${parts.map((part) => part.sql).join(' OR ')})`, exact: parts.every((part) => part.exact) };
  }

  #like(field: FieldSql, tokens: readonly LikeToken[]): Part {
    const pattern = tokens
      .map((token) => ({ one: '_', run: '%', char: token.kind === 'char' ? escapeLike(token.char) : '' })[token.kind])
      .join('');
    if (!isPlainText(pattern)) return NOTHING; // Such text is in special documents only.
    return { sql: `(${field.text} LIKE ${this.#bind(pattern)}::text ESCAPE '!')`, exact: true };
  }

  #bind(value: SqlParameter): string {
    this.parameters.push(value);
    return `$${this.parameters.length}`;
  }
}

const escapeLike = (char: string): string => (char === '%' || char === '_' || char === '!' ? `!${char}` : char);

/** Whether a value compares for equality as JSONB: a document that is not special holds nothing else. */
function isPlainJson(value: OjaiValue): boolean {
  return !holdsTags(value) && !/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value));
}
