import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RestServer } from '../http/router';
import { registerDagDoor } from './door';
import { openTables } from './store';
import { buildTablesWorker } from './testing';
import type { TableStore } from './types';

let worker: Awaited<ReturnType<typeof buildTablesWorker>>;
let directory: string;
let tables: TableStore;
let server: RestServer;
let base: string;

beforeAll(async () => {
  worker = await buildTablesWorker();
  directory = await mkdtemp(path.join(tmpdir(), 'door-'));
  tables = await openTables(directory, { workerFile: worker.file });
  server = new RestServer();
  registerDagDoor(server, tables);
  base = `http://127.0.0.1:${await server.listen('127.0.0.1', 0)}/api/v2/table/`;
});
afterAll(async () => {
  await server.close();
  await tables.close();
  await worker.dispose();
  await rm(directory, { recursive: true });
});

const T = '%2Fapps%2Femployees';
const call = async (method: string, target: string, body?: unknown) => {
  const response = await fetch(base + target, {
    method,
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
};
const q = (parameters: Record<string, string>) => `?${new URLSearchParams(parameters)}`;
const ids = async (parameters: Record<string, string> = {}) =>
  (await call('GET', T + q(parameters))).json.DocumentStream.map((document: { _id: string }) => document._id);

beforeEach(async () => {
  await call('DELETE', T);
  expect((await call('PUT', T)).status).toBe(201);
});

describe('tables', () => {
  it('are made once, dropped once, and gone afterwards', async () => {
    expect((await call('PUT', T)).status).toBe(409);
    expect((await call('PUT', `${T}%2F`)).status).toBe(409);
    expect((await call('DELETE', T)).status).toBe(200);
    expect((await call('DELETE', T)).status).toBe(404);
    for (const [method, target] of [
      ['GET', T],
      ['GET', `${T}/document/x`],
      ['POST', T],
      ['DELETE', `${T}/document/x`],
    ] as const)
      expect((await call(method, target, method === 'POST' ? {} : undefined)).status).toBe(404);
  });

  it('begin empty after a drop', async () => {
    await call('POST', T, { _id: 'a' });
    await call('DELETE', T);
    await call('PUT', T);
    expect(await ids()).toEqual([]);
    expect((await call('GET', `${T}/document/a`)).status).toBe(404);
  });

  it.each(['employees', '%2F', '%2Fa%2F%2Fb', '%2F..%2Fx', '%2Fa%00', `%2F${'x'.repeat(600)}`])(
    '%s is no table path',
    async (name) => {
      expect((await call('PUT', name)).status).toBe(400);
    },
  );
});

describe('documents', () => {
  it('are the exchange of the documentation', async () => {
    const people = [
      { _id: 'user001', first_name: 'John', last_name: 'Doe' },
      { _id: 'user002', first_name: 'Jane', last_name: 'Doe' },
      { _id: 'user003', first_name: 'Simon', last_name: 'Davis' },
    ];
    expect(await call('POST', T, people)).toMatchObject({ status: 200, text: '' });
    const found = await call('GET', T + q({ condition: '{"$eq":{"last_name":"Doe"}}' }));
    expect(found.json).toEqual({ DocumentStream: people.slice(0, 2) });
    expect((await call('GET', `${T}/document/user003`)).json).toEqual(people[2]);
    expect((await call('GET', `${T}%2F/document/user003`)).json).toEqual(people[2]);
    expect(await ids({ offset: '1', limit: '2' })).toEqual(['user002', 'user003']);
    expect(await ids({ orderBy: 'last_name,first_name:desc' })).toEqual(['user003', 'user001', 'user002']);
    expect(await ids({ fromId: 'user002' })).toEqual(['user002', 'user003']);
    expect(await ids({ toId: 'user002' })).toEqual(['user001']);
    expect((await call('GET', T + q({ fields: 'last_name', limit: '1' }))).json.DocumentStream).toEqual([
      { _id: 'user001', last_name: 'Doe' },
    ]);
    expect(
      await ids({
        query:
          '{"$select":["_id"],"$where":{"$like":{"first_name":"J%"}},"$orderby":[{"first_name":"asc"}],"$limit":5}',
      }),
    ).toEqual(['user002', 'user001']);
  });

  it('are written by mode', async () => {
    expect((await call('POST', `${T}?mode=insert`, { _id: 'a', n: 1 })).status).toBe(200);
    expect((await call('POST', `${T}?mode=insert`, { _id: 'a', n: 2 })).status).toBe(409);
    expect((await call('POST', `${T}?mode=replace`, { _id: 'b', n: 1 })).status).toBe(404);
    expect((await call('POST', `${T}?mode=replace`, { _id: 'a', n: 3 })).status).toBe(200);
    expect(
      (
        await call('POST', T, [
          { _id: 'a', n: 4 },
          { _id: 'b', n: 5 },
        ])
      ).status,
    ).toBe(200);
    expect((await call('GET', T)).json.DocumentStream).toEqual([
      { _id: 'a', n: 4 },
      { _id: 'b', n: 5 },
    ]);
    expect((await call('POST', `${T}?mode=upsert`, { _id: 'a' })).status).toBe(400);
    expect((await call('POST', `${T}?fieldAsKey=name`, [{ name: 'c', n: 6 }])).status).toBe(200);
    expect((await call('GET', `${T}/document/c`)).json).toEqual({ _id: 'c', name: 'c', n: 6 });
  });

  it('go in all or none', async () => {
    await call('POST', T, { _id: 'b' });
    expect((await call('POST', `${T}?mode=insert`, [{ _id: 'a' }, { _id: 'b' }, { _id: 'c' }])).status).toBe(409);
    expect((await call('POST', T, [{ _id: 'x' }, { noId: true }])).status).toBe(400);
    expect(await ids()).toEqual(['b']);
  });

  it('are replaced, mutated and deleted one by one, also on a condition', async () => {
    const D = `${T}/document/a%2Fb%20c`;
    expect((await call('PUT', D, { n: 1 })).status).toBe(200);
    expect((await call('GET', D)).json).toEqual({ _id: 'a/b c', n: 1 });
    expect((await call('PUT', D, { _id: 'other' })).status).toBe(400);
    expect((await call('PUT', D + q({ condition: '{"$eq":{"n":2}}' }), { n: 9 })).status).toBe(404);
    expect((await call('PUT', D + q({ condition: '{"$eq":{"n":1}}' }), { n: 2 })).status).toBe(200);
    expect((await call('PUT', `${T}/document/new?mode=replace`, { n: 1 })).status).toBe(404);
    expect((await call('PUT', `${D}?mode=insert`, { n: 1 })).status).toBe(409);

    expect((await call('POST', D, { $increment: { n: 5 }, $set: { 'm.k': 'v' } })).status).toBe(200);
    expect((await call('GET', D)).json).toEqual({ _id: 'a/b c', n: 7, m: { k: 'v' } });
    expect(
      (await call('POST', D + q({ condition: '{"$where":{"$and":[{"$eq":{"n":7}}]}}' }), { $set: { n: 8 } })).status,
    ).toBe(200);
    expect((await call('POST', D + q({ condition: '{"$eq":{"n":7}}' }), { $set: { n: 9 } })).status).toBe(404);
    expect((await call('POST', `${T}/document/made`, { $set: { n: 1 } })).status).toBe(200);
    expect(
      (await call('POST', `${T}/document/never${q({ condition: '{"$notexists":"n"}' })}`, { $set: { n: 1 } })).status,
    ).toBe(404);
    expect(await ids()).toEqual(['a/b c', 'made']);

    expect((await call('DELETE', D + q({ condition: '{"$eq":{"n":7}}' }))).status).toBe(404);
    expect((await call('DELETE', D + q({ condition: '{"$eq":{"n":8}}' }))).status).toBe(200);
    expect((await call('DELETE', D)).status).toBe(404);
    expect((await call('GET', `${T}/document/made${q({ condition: '{"$eq":{"n":2}}' })}`)).status).toBe(404);
    expect((await call('GET', `${T}/document/made${q({ condition: '{"$eq":{"n":1}}', fields: 'x' })}`)).json).toEqual({
      _id: 'made',
    });
  });

  it('keep their types, and lose the tags on demand', async () => {
    const text = '{"_id":"t","l":{"$numberLong":9223372036854775807},"d":{"$dateDay":"2012-10-20"},"n":1.5}';
    expect((await call('POST', T, text)).status).toBe(200);
    expect((await call('GET', `${T}/document/t`)).text).toBe(text);
    expect((await call('GET', T)).text).toBe(`{"DocumentStream":[${text}]}`);
    const plain = '{"_id":"t","l":9223372036854775807,"d":"2012-10-20","n":1.5}';
    expect((await call('GET', `${T}/document/t?withTags=false`)).text).toBe(plain);
    expect((await call('GET', `${T}?withTags=False`)).text).toBe(`{"DocumentStream":[${plain}]}`);
    expect(await ids({ condition: '{"$gt":{"l":{"$numberLong":9223372036854775806}}}' })).toEqual(['t']);
    expect((await call('POST', `${T}/document/t`, '{"$increment":{"l":1}}')).status).toBe(400);
    expect((await call('POST', `${T}/document/t`, '{"$decrement":{"l":1}}')).status).toBe(200);
    expect((await call('GET', `${T}/document/t?fields=l`)).text).toBe(
      '{"_id":"t","l":{"$numberLong":9223372036854775806}}',
    );
  });
});

describe('bad requests', () => {
  it.each([
    ['POST', '', '{bad'],
    ['POST', '', '[1]'],
    ['POST', '', '{"_id":1}'],
    ['POST', '', '{"_id":"a","x":{"$numberLong":"many"}}'],
    ['POST', '/document/a', '{"$unset":{"a":1}}'],
    ['POST', '/document/a', '{"$set":{"_id":"b"}}'],
    ['POST', '/document/a', 'null'],
    ['PUT', '/document/a', '[]'],
    ['GET', q({ condition: '{"$gte":{"a":1}}' }), undefined],
    ['GET', q({ condition: '{' }), undefined],
    ['GET', q({ limit: '-1' }), undefined],
    ['GET', q({ orderBy: 'a[]' }), undefined],
    ['GET', q({ withTags: 'maybe' }), undefined],
    ['GET', q({ query: '{"$wher":{}}' }), undefined],
    ['POST', '?mode=update', '{}'],
    ['POST', '?mode=update', '[{"_id":"a"}]'],
  ])('%s %s %s is answered 400 with the reason, and changes nothing', async (method, target, body) => {
    await call('POST', T, { _id: 'a' });
    const { status, json } = await call(method, T + target, body);
    expect(status).toBe(400);
    expect(json.errors[0]).toMatchObject({ id: 400, message: expect.stringMatching(/\w+ \w+/) });
    expect((await call('GET', T)).json).toEqual({ DocumentStream: [{ _id: 'a' }] });
  });
});

describe('extensions', () => {
  it('updates many, each by itself', async () => {
    await call('POST', T, [
      { _id: 'a', n: 1 },
      { _id: 'b', n: 2 },
    ]);
    const { json } = await call('POST', `${T}?mode=update`, [
      { _id: 'a', mutation: { $increment: { n: 1 } }, condition: { $eq: { n: 1 } } },
      { _id: 'b', mutation: { $increment: { n: 1 } }, condition: { $eq: { n: 1 } } },
      { _id: 'c', mutation: { $set: { n: 1 } } },
      { _id: 'a', mutation: { $put: { s: 'x' } } },
    ]);
    expect(json).toEqual({ results: ['updated', 'unmatched', 'missing', 'updated'] });
    expect((await call('GET', T)).json.DocumentStream).toEqual([
      { _id: 'a', n: 2, s: 'x' },
      { _id: 'b', n: 2 },
    ]);
    // One that does not fit fails the call, and undoes what went before it.
    const refused = await call('POST', `${T}?mode=update`, [
      { _id: 'a', mutation: { $set: { n: 5 } } },
      { _id: 'b', mutation: { $set: { n: 'text' } } },
    ]);
    expect(refused.status).toBe(400);
    expect((await call('GET', `${T}/document/a`)).json.n).toBe(2);
  });

  it('inserts what is new, counts, and finds by a posted query', async () => {
    await call('POST', T, { _id: 'b', n: 0 });
    expect(
      (
        await call('POST', `${T}?mode=insertNew`, [
          { _id: 'a', n: 1 },
          { _id: 'b', n: 1 },
        ])
      ).json,
    ).toEqual({ inserted: ['a'] });
    expect((await call('GET', `${T}?count=true`)).json).toEqual({ count: 2 });
    expect((await call('GET', T + q({ count: 'true', condition: '{"$eq":{"n":1}}' }))).json).toEqual({ count: 1 });
    expect((await call('POST', `${T}?mode=count`, { $where: { $eq: { n: 0 } } })).json).toEqual({ count: 1 });
    expect((await call('POST', `${T}?mode=find`, { $where: { $in: { _id: ['a', 'z'] } }, $select: 'n' })).json).toEqual(
      {
        DocumentStream: [{ _id: 'a', n: 1 }],
      },
    );
    expect((await call('GET', T + q({ getPlan: 'True', condition: '{"$eq":{"n":1}}' }))).json.QueryPlan).toMatchObject({
      conditionInSql: 'exact',
    });
  });
});

describe('large finds', () => {
  it('come complete and in order, in portions', async () => {
    const filler = 'x'.repeat(700);
    const all = Array.from({ length: 6000 }, (_, i) => ({ _id: `d${String(i).padStart(5, '0')}`, n: i, filler }));
    for (let at = 0; at < all.length; at += 1000) await call('POST', T, all.slice(at, at + 1000));
    const whole = await call('GET', T);
    expect([whole.status, whole.text.slice(0, 200)]).toEqual([
      200,
      JSON.stringify({ DocumentStream: all }).slice(0, 200),
    ]);
    expect(whole.text === JSON.stringify({ DocumentStream: all })).toBe(true);
    expect(await ids({ condition: '{"$matches":{"_id":"99$"}}', fields: 'n' })).toHaveLength(60);
    expect(await ids({ condition: '{"$ge":{"n":10}}', offset: '3000', limit: '2500' })).toEqual(
      all.slice(3010, 5510).map((d) => d._id),
    );
    expect(await ids({ orderBy: 'n:desc', limit: '3' })).toEqual(['d05999', 'd05998', 'd05997']);
  });

  it('end with their answer, however many there are', async () => {
    await call('POST', T, [{ _id: 'a' }, { _id: 'b' }]);
    for (let i = 0; i < 100; i++) expect((await call('GET', T + q({ limit: '1' }))).status).toBe(200);
  });

  it('use an index once a field was asked for several times', async () => {
    await call(
      'POST',
      T,
      Array.from({ length: 50 }, (_, i) => ({ _id: `x${i}`, status: i % 2 ? 'a' : 'b' })),
    );
    const condition = '{"$eq":{"status":"a"}}';
    const plan = async () => JSON.stringify((await call('GET', T + q({ getPlan: 'true', condition }))).json);
    expect(await plan()).not.toContain(':status');
    for (let i = 0; i < 3; i++) expect(await ids({ condition })).toHaveLength(25);
    // The index is a write of its own, behind which the next write waits.
    await call('POST', T, { _id: 'later', status: 'a' });
    expect(await plan()).toContain(':status');
    expect(await ids({ condition })).toHaveLength(26);
  });

  it('pick the rows by an equality, not by a range that nearly all rows meet', async () => {
    await call(
      'POST',
      T,
      Array.from({ length: 50 }, (_, i) => ({ _id: `x${i}`, status: i === 7 ? 'waiting' : 'done', due: i })),
    );
    const condition = '{"$and":[{"$le":{"due":1000}},{"$in":{"status":["waiting","failed"]}}]}';
    for (let i = 0; i < 3; i++) {
      expect(await ids({ condition: '{"$le":{"due":1000}}' })).toHaveLength(50);
      expect(await ids({ condition })).toEqual(['x7']);
    }
    await call('POST', T, { _id: 'later', status: 'done', due: 3 });
    const plan = JSON.stringify((await call('GET', T + q({ getPlan: 'true', condition }))).json);
    expect(plan).toContain(':status');
    expect(plan).not.toContain(':due');
    expect(await ids({ condition })).toEqual(['x7']);
  });
});
