/**
 * OJAI conditions, mutations and queries as JSON, the language of the Data Access Gateway REST API
 * (HPE Ezmeral Data Fabric documentation: "OJAI Query Condition Operators", "OJAI Document Mutation Syntax").
 */
export type FieldPath = string;
/** A JSON value, possibly with OJAI type tags such as `{"$numberLong": 1}`. */
export type OjaiValue = null | boolean | number | string | OjaiValue[] | { [key: string]: OjaiValue };

type Compare<Op extends string> = { [K in Op]: { [field: FieldPath]: OjaiValue } };

/** One condition. Several operators in one object are and-ed. */
export type Condition =
  | Compare<'$eq'>
  | Compare<'$ne'>
  | Compare<'$gt'>
  | Compare<'$ge'>
  | Compare<'$lt'>
  | Compare<'$le'>
  | { $exists: FieldPath }
  | { $notexists: FieldPath }
  | { $between: { [field: FieldPath]: [OjaiValue, OjaiValue] } }
  | { $matches: { [field: FieldPath]: string } }
  | { $notmatches: { [field: FieldPath]: string } }
  | { $like: { [field: FieldPath]: string | [string, string] } }
  | { $notlike: { [field: FieldPath]: string | [string, string] } }
  | { $typeof: { [field: FieldPath]: string } }
  | { $nottypeof: { [field: FieldPath]: string } }
  | { $sizeof: { [field: FieldPath]: { [op: string]: number } } }
  | { $in: { [field: FieldPath]: OjaiValue[] } }
  | { $notin: { [field: FieldPath]: OjaiValue[] } }
  | { $and: Condition[] }
  | { $or: Condition[] }
  | { $elementAnd: { [field: FieldPath]: Condition[] } };

type PathValues = { [path: FieldPath]: OjaiValue } | { [path: FieldPath]: OjaiValue }[];

/** A mutation: all of it applies, or none. */
export interface Mutation {
  $set?: PathValues;
  $put?: PathValues;
  $append?: PathValues;
  $merge?: PathValues;
  $increment?: PathValues;
  $decrement?: PathValues;
  $delete?: FieldPath | FieldPath[];
}
