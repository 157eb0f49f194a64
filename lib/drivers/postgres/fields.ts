/** A field of a document in SQL, class by class (lib/ojai TYPE_RANKS). */
import { MISSING_RANK, type Path, TYPE_RANKS } from '@/lib/ojai';
import { isPlainText } from './stored';

/** Expressions over a row. The texts must be the same in conditions, orders and indexes, or an index is not used. */
export interface FieldSql {
  /** The value as JSONB; NULL: missing. */
  json: string;
  /** The class of the value, a number of lib/ojai's TYPE_RANKS; 0: missing. */
  rank: string;
  /** The value where it is of that class, otherwise NULL. Text compares by bytes. */
  text: string;
  number: string;
  boolean: string;
  isId: boolean;
}

/** Array indexes double the text before them; a path with many is left to lib/ojai. */
const EXPRESSION_LENGTH_MAX = 2_000;

const ID: FieldSql = {
  json: 'to_jsonb(id)',
  rank: String(TYPE_RANKS.string),
  text: 'id',
  number: 'NULL::numeric',
  boolean: 'NULL::boolean',
  isId: true,
};

/** Undefined for a path that SQL can not follow. */
export function fieldSql(path: Path): FieldSql | undefined {
  if (path.container) return undefined;
  const [first] = path.segments;
  if (path.segments.length === 1 && first?.kind === 'field' && first.name === '_id') return ID;
  let json = 'doc';
  for (const segment of path.segments) {
    // A text key finds fields only and a number elements only, as lib/ojai has it.
    if (segment.kind === 'index')
      // The CASE, since JSONB takes a scalar for an array of one.
      json = `(CASE WHEN jsonb_typeof(${json}) = 'array' THEN ${json}->${segment.index} END)`;
    else if (segment.kind === 'field' && isPlainText(segment.name)) json += `->${literal(segment.name)}`;
    else return undefined;
    if (json.length > EXPRESSION_LENGTH_MAX) return undefined;
  }
  json = `(${json})`;
  const type = `jsonb_typeof(${json})`;
  return {
    json,
    rank:
      `CASE ${type} WHEN 'string' THEN ${TYPE_RANKS.string} WHEN 'number' THEN ${TYPE_RANKS.double} WHEN 'boolean' THEN ${TYPE_RANKS.boolean} ` +
      `WHEN 'null' THEN ${TYPE_RANKS.null} WHEN 'array' THEN ${TYPE_RANKS.array} WHEN 'object' THEN ${TYPE_RANKS.map} ELSE ${MISSING_RANK} END`,
    // CASE, since AND does not promise that the left side is looked at first, and a cast of another class fails.
    text: `(CASE WHEN ${type} = 'string' THEN ${json} #>> '{}' END) COLLATE "C"`,
    number: `(CASE WHEN ${type} = 'number' THEN ${json}::numeric END)`,
    boolean: `(CASE WHEN ${type} = 'boolean' THEN ${json}::boolean END)`,
    isId: false,
  };
}

/** What a field is sorted by: its class, then its value within the class. */
export const orderSql = (field: FieldSql): string[] =>
  field.isId ? [field.text] : [field.rank, field.boolean, field.number, field.text];

/** A text constant, whatever `standard_conforming_strings` says. */
export const literal = (text: string): string =>
  text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`;
