/** OJAI, pure: conditions, mutations, queries and values. No input or output; drivers and the embedded tables stand on it. */
export { applyMutation, applyMutationInPlace, cloneValue } from './apply';
export { compareScalars, compareStrings, equalValues, MISSING_RANK, orderValues, TYPE_RANKS } from './compare';
export { type ComparisonOp, type ConditionLeaf, type ConditionNode, parseCondition } from './condition';
export { checkDocumentId, DOCUMENT_ID_LENGTH_MAX, normalizeDocument, type OjaiDocument } from './document';
export { matchesCondition } from './evaluate';
export { parseJson, parseValue, stringifyValue, stripTags } from './json';
export type { LikeToken } from './like';
export { type MutationStep, parseMutation } from './mutation';
export { type Path, type PathSegment, parsePath } from './path';
export { buildProjection, type Projection, project } from './project';
export {
  compareDocuments,
  type OrderTerm,
  parseCount,
  parseFields,
  parseOrderBy,
  parseOrderByText,
  parseQuery,
  type Query,
} from './query';
export { valueAt, valuesAt } from './resolve';
export type { Condition, FieldPath, Mutation, OjaiValue } from './types';
export { isMap, OJAI_TYPES, type OjaiMap, type OjaiType, tagOf, typeOf, untagged } from './values';
