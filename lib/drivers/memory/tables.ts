import { FieldlineError } from '@/lib/errors';
import {
  applyMutation,
  buildProjection,
  type Condition,
  cloneValue,
  compareDocuments,
  type Mutation,
  matchesCondition,
  normalizeDocument,
  type OjaiDocument,
  parseCondition,
  parseMutation,
  parsePath,
  project,
  stripTags,
} from '@/lib/ojai';
import type { FindOptions, JsonDocument, Tables, UpdateOutcome } from '@/lib/ports';
import type { Faults } from './faults';

/** The durable part of a memory site's tables. */
export class MemoryTableStore {
  readonly #tables = new Map<string, Map<string, OjaiDocument>>();

  ensure(name: string): void {
    if (!this.#tables.has(name)) this.#tables.set(name, new Map());
  }

  /** Fails with NOT_FOUND. */
  table(name: string): Map<string, OjaiDocument> {
    const table = this.#tables.get(name);
    if (!table) throw new FieldlineError('NOT_FOUND', `There is no table "${name}"`);
    return table;
  }
}

/** What goes in is copied and checked, as the gateway does by sending JSON. */
const stored = (document: JsonDocument): OjaiDocument => normalizeDocument(JSON.parse(JSON.stringify(document)));
const shown = (document: OjaiDocument): JsonDocument => stripTags(cloneValue(document)) as JsonDocument;

/** The tables port on a memory store, as one process uses it. */
export function createMemoryTables(store: MemoryTableStore, faults: Faults): Tables {
  const insertAll = (table: Map<string, OjaiDocument>, documents: readonly JsonDocument[]): string[] =>
    documents
      .map(stored)
      .filter((document) => {
        if (table.has(document._id)) return false;
        table.set(document._id, document);
        return true;
      })
      .map((document) => document._id);

  const updateOne = (
    table: Map<string, OjaiDocument>,
    id: string,
    mutation: Mutation,
    condition?: Condition,
  ): UpdateOutcome => {
    const steps = parseMutation(mutation);
    const node = condition && parseCondition(condition);
    const document = table.get(id);
    if (!document) return 'missing';
    if (node && !matchesCondition(node, document)) return 'unmatched';
    table.set(id, applyMutation(document, steps));
    return 'updated';
  };

  return {
    ensureTable: (table) => faults.run('tables.ensureTable', table, () => store.ensure(table)),
    get: (table, id) =>
      faults.run('tables.get', table, () => {
        const document = store.table(table).get(id);
        return document ? shown(document) : null;
      }),
    getMany: (table, ids) =>
      faults.run('tables.getMany', table, () => {
        const documents = store.table(table);
        return [...new Set(ids)].flatMap((id) => {
          const document = documents.get(id);
          return document ? [shown(document)] : [];
        });
      }),
    find: (table, options) => faults.run('tables.find', table, () => find(store.table(table), options)),
    count: (table, condition) =>
      faults.run('tables.count', table, () => find(store.table(table), { condition, fields: ['_id'] }).length),
    insert: (table, document) =>
      faults.run('tables.insert', table, () => insertAll(store.table(table), [document]).length === 1),
    insertMany: (table, documents) =>
      faults.run('tables.insertMany', table, () => insertAll(store.table(table), documents)),
    put: (table, document) =>
      faults.run('tables.put', table, () => {
        const next = stored(document);
        store.table(table).set(next._id, next);
      }),
    putMany: (table, documents) =>
      faults.run('tables.putMany', table, () => {
        for (const next of documents.map(stored)) store.table(table).set(next._id, next);
      }),
    update: (table, id, mutation, condition) =>
      faults.run('tables.update', table, () => updateOne(store.table(table), id, mutation, condition)),
    updateMany: (table, updates) =>
      faults.run('tables.updateMany', table, () => {
        const documents = store.table(table);
        return updates.map((update) => updateOne(documents, update.id, update.mutation, update.condition));
      }),
    delete: (table, id) => faults.run('tables.delete', table, () => store.table(table).delete(id)),
    close: async () => undefined,
  };
}

function find(table: Map<string, OjaiDocument>, options: FindOptions = {}): JsonDocument[] {
  const node = options.condition && parseCondition(options.condition);
  const order = (options.orderBy ?? []).map(({ field, direction }) => ({
    path: parsePath(field),
    descending: direction === 'desc',
  }));
  const offset = options.offset ?? 0;
  const projection = options.fields && buildProjection(options.fields.map((field) => parsePath(field)));
  return [...table.values()]
    .filter((document) => !node || matchesCondition(node, document))
    .sort(compareDocuments(order))
    .slice(offset, options.limit === undefined ? undefined : offset + options.limit)
    .map((document) => shown((projection ? project(document, projection) : document) as OjaiDocument));
}
