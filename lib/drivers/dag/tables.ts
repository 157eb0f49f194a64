/**
 * The tables port on the DAG REST API: an HPE Data Access Gateway, or an embedded fabric's door. Where the door has our extensions,
 * bulk calls are one request; on a cluster they are many, a bounded number at once, with the same meaning.
 *
 * Not verified on a cluster (the documentation names no status): what a checked update answers when the condition does not hold, and
 * an insert of an id that exists. Any 4xx there is taken for "not done", and what is stored then decides which.
 */
import { mapBounded, slices } from '@/lib/concurrency/bounded';
import { FieldlineError, isFieldlineError } from '@/lib/errors';
import type { HttpRequest } from '@/lib/http';
import type { Condition } from '@/lib/ojai/types';
import type { BulkUpdate, FindOptions, JsonDocument, Tables, UpdateOutcome } from '@/lib/ports/tables';
import { DagClient, QUERY_LENGTH_MAX } from './client';
import type { DagTablesOptions } from './options';

/** Single requests at once where there is no bulk call; below the client's sockets. */
const PARALLEL_MAX = 16;
/** Documents in one bulk request: about 6 MB of asset rows. */
const BULK_DOCUMENTS_MAX = 1000;
const CHECK_FAILED = [400, 404, 409, 412, 417];

/** Fails never by itself: the first call connects. */
export function createDagTables(options: DagTablesOptions): Tables {
  return new DagTables(new DagClient(options));
}

class DagTables implements Tables {
  readonly #dag: DagClient;

  constructor(dag: DagClient) {
    this.#dag = dag;
  }

  async ensureTable(table: string): Promise<void> {
    await this.#dag.status({ method: 'PUT', path: this.#dag.table(table) }, [409]);
  }

  async get(table: string, id: string): Promise<JsonDocument | null> {
    const request: HttpRequest = { path: this.#dag.document(table, id), query: { withTags: false } };
    const response = await this.#dag.send(request);
    if (response.ok) return response.json<JsonDocument>();
    await response.discard();
    if (response.status !== 404) return this.#dag.json<JsonDocument>(request); // Words the failure.
    await this.#checkTable(table);
    return null;
  }

  async getMany(table: string, ids: readonly string[]): Promise<JsonDocument[]> {
    const unique = [...new Set(ids)];
    if (await this.#dag.has('tables.postFind')) {
      const found = await mapBounded(slices(unique, BULK_DOCUMENTS_MAX), 2, (some) =>
        this.#postFind(table, { $where: { $in: { _id: some } } }),
      );
      return found.flat();
    }
    const found = await mapBounded(slicesByLength(unique), PARALLEL_MAX, (some) =>
      this.find(table, { condition: { $in: { _id: some } } }),
    );
    return found.flat();
  }

  async find(table: string, options: FindOptions = {}): Promise<JsonDocument[]> {
    const { condition, orderBy, limit, offset } = options;
    const fields = options.fields && [...new Set(['_id', ...options.fields])];
    const query = {
      condition: condition && JSON.stringify(condition),
      fields: fields?.join(','),
      orderBy: orderBy?.map(({ field, direction }) => `${field}:${direction}`).join(','),
      limit,
      offset,
    };
    const length = encodeURIComponent(Object.values(query).join('')).length;
    if (length > QUERY_LENGTH_MAX && (await this.#dag.has('tables.postFind')))
      return this.#postFind(table, {
        $where: condition,
        $select: fields,
        $orderby: orderBy?.map(({ field, direction }) => ({ [field]: direction })),
        $limit: limit,
        $offset: offset,
      });
    const { DocumentStream } = await this.#dag.json<{ DocumentStream: JsonDocument[] }>({
      path: this.#dag.table(table),
      query: { ...query, withTags: false },
    });
    return DocumentStream;
  }

  async count(table: string, condition?: Condition): Promise<number> {
    if (await this.#dag.has('tables.count')) {
      const path = `${this.#dag.table(table)}?mode=count`;
      const { count } = await this.#dag.json<{ count: number }>({ method: 'POST', path, json: { $where: condition } });
      return count;
    }
    // The API documents no count; ids alone are the least that can be asked for.
    return (await this.find(table, { condition, fields: ['_id'] })).length;
  }

  async insert(table: string, document: JsonDocument): Promise<boolean> {
    const request: HttpRequest = { method: 'POST', path: `${this.#dag.table(table)}?mode=insert`, json: document };
    const status = await this.#dag.status(request, [409]).catch(async (error: unknown) => {
      // A cluster may refuse an id that exists with another 4xx than 409.
      if (!isFieldlineError(error, 'REQUEST_INVALID') || (await this.#exact())) throw error;
      if ((await this.get(table, document._id)) === null) throw error;
      return 409;
    });
    return status !== 409;
  }

  async insertMany(table: string, documents: readonly JsonDocument[]): Promise<string[]> {
    if (await this.#dag.has('tables.bulkInsertNew')) {
      const path = `${this.#dag.table(table)}?mode=insertNew`;
      const inserted: string[] = [];
      for (const json of slices(documents, BULK_DOCUMENTS_MAX))
        inserted.push(...(await this.#dag.json<{ inserted: string[] }>({ method: 'POST', path, json })).inserted);
      return inserted;
    }
    const first = [...new Map([...documents].reverse().map((document) => [document._id, document])).values()].reverse();
    const done = await mapBounded(first, PARALLEL_MAX, (document) => this.insert(table, document));
    return first.filter((_, index) => done[index]).map((document) => document._id);
  }

  async put(table: string, document: JsonDocument): Promise<void> {
    await this.#dag.status({ method: 'PUT', path: this.#dag.document(table, document._id), json: document });
  }

  async putMany(table: string, documents: readonly JsonDocument[]): Promise<void> {
    for (const json of slices(documents, BULK_DOCUMENTS_MAX))
      await this.#dag.status({ method: 'POST', path: this.#dag.table(table), json });
  }

  async update(
    table: string,
    id: string,
    mutation: BulkUpdate['mutation'],
    condition?: Condition,
  ): Promise<UpdateOutcome> {
    // A mutation without a condition would make a missing document.
    const check: Condition = condition ? { $and: [{ $exists: '_id' }, condition] } : { $exists: '_id' };
    const request: HttpRequest = {
      method: 'POST',
      path: this.#dag.document(table, id),
      query: { condition: JSON.stringify(check) },
      json: mutation,
    };
    const exact = await this.#exact();
    const status = await this.#dag.status(request, exact ? [404] : CHECK_FAILED);
    if (status < 300) return 'updated';
    const current = await this.get(table, id);
    if (current === null) return 'missing';
    // On a cluster a mutation that does not fit may be answered like a condition that does not hold: only the latter explains itself.
    if (!exact && (await this.#holds(table, id, check)))
      throw new FieldlineError(
        'MUTATION_INVALID',
        `The server refused the mutation of ${JSON.stringify(id)} (${status})`,
      );
    return 'unmatched';
  }

  async updateMany(table: string, updates: readonly BulkUpdate[]): Promise<UpdateOutcome[]> {
    if (!(await this.#dag.has('tables.bulkUpdate'))) return this.#updateEach(table, updates);
    const path = `${this.#dag.table(table)}?mode=update`;
    const outcomes: UpdateOutcome[] = [];
    for (const slice of slices(updates, BULK_DOCUMENTS_MAX)) {
      const json = slice.map(({ id, mutation, condition }) => ({ _id: id, mutation, condition }));
      const { results } = await this.#dag.json<{ results: UpdateOutcome[] }>({ method: 'POST', path, json });
      outcomes.push(...results);
    }
    return outcomes;
  }

  async delete(table: string, id: string): Promise<boolean> {
    // Whether a cluster tells a document that was not there is not documented: there, it is looked up first.
    const there = (await this.#exact()) || (await this.get(table, id)) !== null;
    const status = await this.#dag.status({ method: 'DELETE', path: this.#dag.document(table, id) }, [404]);
    if (status === 404) await this.#checkTable(table);
    return there && status !== 404;
  }

  async close(): Promise<void> {
    this.#dag.close();
  }

  #exact(): Promise<boolean> {
    return this.#dag.has('tables.exactStatus');
  }

  async #postFind(table: string, json: Record<string, unknown>): Promise<JsonDocument[]> {
    const path = `${this.#dag.table(table)}?mode=find&withTags=false`;
    return (await this.#dag.json<{ DocumentStream: JsonDocument[] }>({ method: 'POST', path, json })).DocumentStream;
  }

  /** Updates of one document in the order given, different documents at once. */
  async #updateEach(table: string, updates: readonly BulkUpdate[]): Promise<UpdateOutcome[]> {
    const byId = new Map<string, number[]>();
    for (const [index, { id }] of updates.entries()) byId.set(id, [...(byId.get(id) ?? []), index]);
    const outcomes = new Array<UpdateOutcome>(updates.length);
    await mapBounded([...byId.values()], PARALLEL_MAX, async (indexes) => {
      for (const index of indexes) {
        const { id, mutation, condition } = updates[index]!;
        outcomes[index] = await this.update(table, id, mutation, condition);
      }
    });
    return outcomes;
  }

  /** Fails with NOT_FOUND when the table itself is missing: a missing document is answered alike. */
  async #checkTable(table: string): Promise<void> {
    await this.#dag.json({ path: this.#dag.table(table), query: { limit: 1, fields: '_id' } });
  }

  async #holds(table: string, id: string, condition: Condition): Promise<boolean> {
    const query = { condition: JSON.stringify(condition), fields: '_id' };
    const response = await this.#dag.send({ path: this.#dag.document(table, id), query });
    await response.discard();
    return response.ok;
  }
}

/** Ids in slices whose `$in` fits into a URL. */
function slicesByLength(ids: readonly string[]): string[][] {
  const result: string[][] = [];
  let length = QUERY_LENGTH_MAX;
  for (const id of ids) {
    const added = encodeURIComponent(JSON.stringify(id)).length + 3;
    if (length + added > QUERY_LENGTH_MAX) {
      result.push([]);
      length = encodeURIComponent('{"$in":{"_id":[]}}').length;
    }
    result.at(-1)!.push(id);
    length += added;
  }
  return result;
}
