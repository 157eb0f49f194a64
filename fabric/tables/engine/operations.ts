/** The writes on one table. Each function reads, decides and writes; the caller makes it atomic and durable. */
import { FieldlineError } from '@/lib/errors';
import {
  applyMutation,
  applyMutationInPlace,
  type ConditionNode,
  checkDocumentId,
  type MutationStep,
  matchesCondition,
  normalizeDocument,
  type OjaiDocument,
  parseCondition,
  parseJson,
  parseMutation,
} from '@/lib/ojai';
import type { WriterOp } from '../protocol';
import type { UpdateResult, WriteMode } from '../types';
import { isSpecial } from './special';
import type { TableStatements } from './statements';

type Op<K extends WriterOp['kind']> = Extract<WriterOp, { kind: K }>;

/** Documents of one call; more belong into several calls. */
const DOCUMENTS_MAX = 20_000;

export function write(table: TableStatements, op: Op<'write'>): string[] {
  const json = parseJson(op.body, 'The body', 'REQUEST_INVALID');
  const list = Array.isArray(json) ? json : [json];
  if (list.length > DOCUMENTS_MAX) throw new FieldlineError('REQUEST_INVALID', `More than ${DOCUMENTS_MAX} documents`);
  const written: string[] = [];
  for (const item of list) {
    const document = normalizeDocument(op.fieldAsKey === undefined ? item : withKey(item, op.fieldAsKey));
    if (store(table, document, op.mode)) written.push(document._id);
  }
  return written;
}

/** The document with its `_id` taken from another field (query parameter `fieldAsKey`). */
function withKey(item: unknown, field: string): unknown {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
  return { ...item, _id: (item as Record<string, unknown>)[field] };
}

/** True when the document was written. */
function store(table: TableStatements, document: OjaiDocument, mode: WriteMode): boolean {
  const text = JSON.stringify(document);
  const special = isSpecial(document, text);
  switch (mode) {
    case 'insertOrReplace':
      table.put(document._id, special, text);
      return true;
    case 'insertNew':
      return table.insert(document._id, special, text);
    case 'insert':
      if (table.insert(document._id, special, text)) return true;
      throw new FieldlineError('CONFLICT', `The document ${JSON.stringify(document._id)} exists`);
    case 'replace':
      if (table.update(document._id, special, text)) return true;
      throw new FieldlineError('NOT_FOUND', `There is no document ${JSON.stringify(document._id)}`);
  }
}

export function writeOne(table: TableStatements, op: Op<'writeOne'>): UpdateResult {
  const json = parseJson(op.body, 'The body', 'REQUEST_INVALID');
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FieldlineError('REQUEST_INVALID', 'A document is a JSON object');
  const given = (json as { _id?: unknown })._id;
  if (given !== undefined && given !== op.id)
    throw new FieldlineError('REQUEST_INVALID', 'The "_id" of the body is not that of the address');
  const document = normalizeDocument({ ...json, _id: op.id });
  if (op.condition !== undefined) {
    const outcome = check(table, op.id, readCondition(op.condition));
    if (typeof outcome === 'string') return outcome;
  }
  store(table, document, op.mode);
  return 'updated';
}

export function mutate(table: TableStatements, op: Op<'mutate'>): UpdateResult {
  const id = checkDocumentId(op.id);
  const steps = parseMutation(parseJson(op.mutation, 'The mutation', 'MUTATION_INVALID'));
  const outcome = change(table, id, steps, op.condition === undefined ? undefined : readCondition(op.condition));
  if (outcome !== 'missing' || !op.upsert || op.condition !== undefined) return outcome;
  // "If the document does not exist, inserts a new document" (HPE documentation, RESTUpdatePartialDoc).
  store(table, applyMutation({ _id: id }, steps), 'insert');
  return 'updated';
}

export function mutateMany(table: TableStatements, op: Op<'mutateMany'>): UpdateResult[] {
  const json = parseJson(op.body, 'The body', 'REQUEST_INVALID');
  if (!Array.isArray(json))
    throw new FieldlineError('REQUEST_INVALID', 'A bulk update is an array of {_id, mutation, condition?}');
  if (json.length > DOCUMENTS_MAX) throw new FieldlineError('REQUEST_INVALID', `More than ${DOCUMENTS_MAX} updates`);
  return json.map((item: unknown) => {
    const { _id, mutation, condition } = (typeof item === 'object' && item !== null ? item : {}) as Record<
      string,
      unknown
    >;
    const parsed = condition === undefined || condition === null ? undefined : parseCondition(condition);
    return change(table, checkDocumentId(_id), parseMutation(mutation), parsed);
  });
}

export function remove(table: TableStatements, op: Op<'delete'>): UpdateResult {
  if (op.condition !== undefined) {
    const outcome = check(table, op.id, readCondition(op.condition));
    if (typeof outcome === 'string') return outcome;
  }
  return table.delete(op.id) ? 'updated' : 'missing';
}

function change(
  table: TableStatements,
  id: string,
  steps: MutationStep[],
  condition: ConditionNode | undefined,
): UpdateResult {
  const current = check(table, id, condition);
  if (typeof current === 'string') return current;
  store(table, applyMutationInPlace(current, steps), 'replace');
  return 'updated';
}

/** The document as stored, when it is there and meets the condition. */
function check(
  table: TableStatements,
  id: string,
  condition: ConditionNode | undefined,
): OjaiDocument | 'missing' | 'unmatched' {
  const text = table.read(id);
  if (text === undefined) return 'missing';
  // What is stored was normalised when it was written.
  const document = JSON.parse(text) as OjaiDocument;
  return condition === undefined || matchesCondition(condition, document) ? document : 'unmatched';
}

function readCondition(text: string): ConditionNode {
  return parseCondition(parseJson(text, 'The condition', 'CONDITION_INVALID'));
}
