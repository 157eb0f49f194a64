/**
 * The DAG REST door: JSON tables as a Data Access Gateway serves them (HPE documentation "Using the Database JSON REST API").
 * Where that documents no status, the choice made here is noted; extensions of ours are listed in TABLE_EXTENSIONS.
 */
import type { ServerResponse } from 'node:http';
import { FieldlineError } from '@/lib/errors';
import { type RestRequest, type RestRouter, sendJson } from '../http/router';
import { sendDocuments } from './send-documents';
import { type FindParameters, type TableStore, type UpdateResult, WRITE_MODES, type WriteMode } from './types';

/**
 * What this door has beyond a cluster's, announced by `GET /rest/dashboard/info`:
 * - `tables.bulkUpdate`: `POST table?mode=update` with `[{_id, mutation, condition?}]` answers `{"results":["updated"|"unmatched"|"missing"]}`.
 * - `tables.bulkInsertNew`: `POST table?mode=insertNew` leaves documents that exist untouched and answers `{"inserted":[ids]}`.
 * - `tables.postFind`: `POST table?mode=find` with an OJAI query as the body, since a URL has a limit.
 * - `tables.count`: `GET table?count=true`, or `POST table?mode=count`, answers `{"count":n}`.
 * - `tables.exactStatus`: 404 where a condition did not hold or the document to delete or replace is not there; 409 where an insert found one.
 */
export const TABLE_EXTENSIONS = [
  'tables.bulkUpdate',
  'tables.bulkInsertNew',
  'tables.postFind',
  'tables.count',
  'tables.exactStatus',
] as const;

const TABLE = '/api/v2/table/:table';
const DOCUMENT = '/api/v2/table/:table/document/:id';

export function registerDagDoor(router: RestRouter, tables: TableStore): void {
  router.on('PUT', TABLE, async ({ params }, response) => {
    if (!(await tables.create(params.table!))) throw new FieldlineError('CONFLICT', `The table ${params.table} exists`);
    sendEmpty(response, 201);
  });
  router.on('DELETE', TABLE, async ({ params }, response) => {
    if (!(await tables.drop(params.table!))) throw new FieldlineError('NOT_FOUND', `There is no table ${params.table}`);
    sendEmpty(response, 200);
  });
  router.on('POST', TABLE, (request, response) => post(tables, request, response));
  router.on('GET', TABLE, (request, response) => answerFind(tables, request, response, findParameters(request.query)));

  router.on('GET', DOCUMENT, ({ params, query }, response) => {
    const text = tables.get(params.table!, params.id!, {
      condition: given(query, 'condition'),
      fields: given(query, 'fields'),
      withTags: flag(query, 'withTags', true),
    });
    if (text === null) throw notThere(params.id!);
    const bytes = Buffer.from(text);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
    response.end(bytes);
  });
  router.on('PUT', DOCUMENT, async (request, response) => {
    const { params, query } = request;
    const options = { mode: writeMode(query), condition: given(query, 'condition') };
    done(await tables.writeOne(params.table!, params.id!, await request.text(), options), params.id!, response);
  });
  router.on('POST', DOCUMENT, async (request, response) => {
    const { params, query } = request;
    const options = { condition: given(query, 'condition'), upsert: true };
    done(await tables.mutate(params.table!, params.id!, await request.text(), options), params.id!, response);
  });
  router.on('DELETE', DOCUMENT, async ({ params, query }, response) => {
    done(await tables.delete(params.table!, params.id!, given(query, 'condition')), params.id!, response);
  });
}

async function post(tables: TableStore, request: RestRequest, response: ServerResponse): Promise<void> {
  const { params, query } = request;
  const table = params.table!;
  switch (query.get('mode')) {
    case 'update':
      return sendJson(response, 200, { results: await tables.mutateMany(table, await request.text()) });
    case 'find':
      return answerFind(tables, request, response, {
        query: await request.text(),
        withTags: flag(query, 'withTags', true),
      });
    case 'count':
      return sendJson(response, 200, {
        count: await tables.count(table, { query: await request.text(), withTags: true }),
      });
    case 'insertNew':
      return sendJson(response, 200, {
        inserted: await tables.write(table, await request.text(), { mode: 'insertNew' }),
      });
    default: {
      const options = { mode: writeMode(query), fieldAsKey: given(query, 'fieldAsKey') };
      await tables.write(table, await request.text(), options);
      return sendEmpty(response, 200);
    }
  }
}

async function answerFind(
  tables: TableStore,
  { params, query }: RestRequest,
  response: ServerResponse,
  parameters: FindParameters,
): Promise<void> {
  const table = params.table!;
  if (flag(query, 'count', false)) sendJson(response, 200, { count: await tables.count(table, parameters) });
  else if (flag(query, 'getPlan', false)) sendJson(response, 200, { QueryPlan: await tables.plan(table, parameters) });
  else await sendDocuments(response, tables.find(table, parameters));
}

function findParameters(query: URLSearchParams): FindParameters {
  return {
    condition: given(query, 'condition'),
    fields: given(query, 'fields'),
    fromId: given(query, 'fromId'),
    toId: given(query, 'toId'),
    limit: given(query, 'limit'),
    offset: given(query, 'offset'),
    orderBy: given(query, 'orderBy'),
    query: given(query, 'query'),
    withTags: flag(query, 'withTags', true),
  };
}

/** A parameter's text; an empty one counts as not given, as clients send `fields=` for all fields. */
function given(query: URLSearchParams, name: string): string | undefined {
  return query.get(name) || undefined;
}

function flag(query: URLSearchParams, name: string, standard: boolean): boolean {
  const text = given(query, name)?.toLowerCase();
  if (text === undefined) return standard;
  if (text !== 'true' && text !== 'false') throw new FieldlineError('REQUEST_INVALID', `${name} is true or false`);
  return text === 'true';
}

function writeMode(query: URLSearchParams): WriteMode {
  const text = given(query, 'mode') ?? 'insertOrReplace';
  const mode = WRITE_MODES.find((known) => known.toLowerCase() === text.toLowerCase());
  if (!mode || mode === 'insertNew')
    throw new FieldlineError(
      'REQUEST_INVALID',
      `mode is insertOrReplace, insert or replace, not ${JSON.stringify(text.slice(0, 40))}`,
    );
  return mode;
}

/** The gRPC service says DOCUMENT_NOT_FOUND both where there is none and where the condition does not hold; hence 404 for both. */
function done(result: UpdateResult, id: string, response: ServerResponse): void {
  if (result === 'missing') throw notThere(id);
  if (result === 'unmatched')
    throw new FieldlineError('NOT_FOUND', `The condition does not hold for the document ${JSON.stringify(id)}`);
  sendEmpty(response, 200);
}

function notThere(id: string): FieldlineError {
  return new FieldlineError('NOT_FOUND', `There is no such document ${JSON.stringify(id)}`);
}

function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 });
  response.end();
}
