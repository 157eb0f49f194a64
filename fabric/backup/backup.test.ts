/** Copies of a running edge and a running HQ, and what becomes of the link when one of them is restored. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sealer } from '@/lib/secrets';
import { openGateways } from '../admin';
import { parseBatches } from '../kafka/record-batch';
import { batchOf, Edge, Headquarters, makeDirectory, PREFIX, STREAM } from '../links/testing/sites';
import type { LogStore } from '../log';
import { backUp } from './back-up';
import { restore } from './restore';

const REQUEST = `${PREFIX}REQUEST.alpha`;
const BROADCAST = `${PREFIX}BROADCAST`;
const PATTERNS = { inbound: ['BROADCAST'], outbound: ['REQUEST.alpha'] };
const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 30_000, interval: 20 });

let root: Awaited<ReturnType<typeof makeDirectory>>;
let hq: Headquarters;
let alpha: Edge;
const data = (name: string) => path.join(root.directory, name, 'alpha');
const copy = () => path.join(root.directory, 'copy');

beforeEach(async () => {
  root = await makeDirectory();
  mkdirSync(data('first'), { recursive: true });
  writeFileSync(path.join(data('first'), 'format.json'), '{"version":1,"site":"alpha"}\n');
  hq = await new Headquarters(path.join(root.directory, 'hq')).start();
  alpha = await new Edge('alpha', data('first'), () => hq.address).start();
});
afterEach(async () => {
  await alpha.stop();
  await hq.stop();
  await root.remove();
});

const append = (store: LogStore, topic: string, values: string[]) =>
  store.partition(topic, 0)!.append(parseBatches(batchOf(values)));
const end = (store: LogStore, topic: string) => store.partition(topic, 0)?.highWatermark ?? 0;
async function content(store: LogStore, topic: string): Promise<string> {
  const log = store.partition(topic, 0)!;
  const pieces: Buffer[] = [];
  for (let at = log.logStart; at < log.highWatermark; ) {
    const piece = await log.read(at, 1024 * 1024);
    pieces.push(piece);
    at = parseBatches(piece).at(-1)!.header.lastOffset + 1;
  }
  // All but the leader epoch, which each side writes itself.
  return parseBatches(Buffer.concat(pieces))
    .map(({ header, bytes }) => `${header.baseOffset}:${bytes.subarray(61).toString('hex')}`)
    .join();
}

/** The site loses its disk, and begins again from the copy. */
async function restoreCopy(): Promise<void> {
  await alpha.stop();
  await restore(copy(), path.join(root.directory, 'second'));
  alpha = await new Edge('alpha', data('second'), () => hq.address).start();
}

describe('an edge that was restored from an older copy', () => {
  beforeEach(async () => {
    await alpha.store.create(REQUEST, { partitions: 1 });
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.declare(PATTERNS);
    await append(alpha.store, REQUEST, ['before the copy']);
    await append(hq.store, BROADCAST, ['one']);
    await eventually(() => expect([end(hq.store, REQUEST), end(alpha.store, BROADCAST)]).toEqual([1, 1]));
    await backUp(data('first'), copy());
    await append(alpha.store, REQUEST, ['after the copy', 'and more']);
    await append(hq.store, BROADCAST, ['two']);
    await eventually(() => expect([end(hq.store, REQUEST), end(alpha.store, BROADCAST)]).toEqual([3, 2]));
  });

  it('takes back from HQ what it wrote after that, and both logs stay the same', async () => {
    const before = await content(hq.store, REQUEST);
    await restoreCopy();
    await eventually(() => expect([end(alpha.store, REQUEST), end(alpha.store, BROADCAST)]).toEqual([3, 2]));
    expect(await content(alpha.store, REQUEST)).toBe(before);
    await eventually(() => expect(alpha.links.isHeld(REQUEST)).toBe(false));
    await append(alpha.store, REQUEST, ['new']);
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(4));
    expect(await content(alpha.store, REQUEST)).toBe(await content(hq.store, REQUEST));
    expect(await content(alpha.store, BROADCAST)).toBe(await content(hq.store, BROADCAST));
  });

  it('holds its own topics until it has heard of HQ, and no others', async () => {
    await alpha.stop();
    await restore(copy(), path.join(root.directory, 'second'));
    alpha = await new Edge('alpha', data('second'), () => '127.0.0.1:1').start();
    expect([alpha.links.isHeld(REQUEST), alpha.links.isHeld('m.pipeline.LOCAL')]).toEqual([true, false]);
  });

  it('does not write over records that HQ has when it was written on without HQ', async () => {
    await alpha.stop();
    await restore(copy(), path.join(root.directory, 'second'));
    alpha = await new Edge('alpha', data('second'), () => hq.address);
    // Past the door that holds it, as nobody should.
    const { openTopicStore } = await import('../log');
    const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const store = await openTopicStore(path.join(data('second'), 'topics'), { log: quiet });
    await append(store, REQUEST, ['another']);
    await store.close();
    await alpha.start();
    await eventually(async () => expect((await alpha.status()).outbound.lastError).toMatch(/does not hold the same/));
    expect(end(hq.store, REQUEST)).toBe(3);
  });
});

describe('an HQ that was restored from an older copy', () => {
  const hqData = () => path.join(root.directory, 'hq');
  beforeEach(async () => {
    writeFileSync(path.join(hqData(), 'format.json'), '{"version":1,"site":"hq"}\n');
    await alpha.store.create(REQUEST, { partitions: 1 });
    await hq.store.create(BROADCAST, { partitions: 1 });
    await alpha.declare(PATTERNS);
    await append(alpha.store, REQUEST, ['asked']);
    await append(hq.store, BROADCAST, ['one', 'two']);
    await eventually(() => expect([end(hq.store, REQUEST), end(alpha.store, BROADCAST)]).toEqual([1, 2]));
    await backUp(hqData(), copy());
    await append(alpha.store, REQUEST, ['asked later']);
    await append(hq.store, BROADCAST, ['lost', 'lost too']);
    await eventually(() => expect([end(hq.store, REQUEST), end(alpha.store, BROADCAST)]).toEqual([2, 4]));
    await hq.stop();
    rmSync(hqData(), { recursive: true });
    await restore(copy(), root.directory);
    await hq.start();
  });
  const failed = () => eventually(async () => expect((await alpha.status()).inbound.state).toBe('failed'));

  it('gets again what edges asked, and its topics are brought anew once somebody says so', async () => {
    await eventually(() => expect(end(hq.store, REQUEST)).toBe(2));
    await append(hq.store, BROADCAST, ['new']);
    await failed();
    expect(end(alpha.store, BROADCAST)).toBe(4);
    await alpha.links.bringAnew(STREAM);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(3));
    expect(await content(alpha.store, BROADCAST)).toBe(await content(hq.store, BROADCAST));
    expect(await content(alpha.store, REQUEST)).toBe(await content(hq.store, REQUEST));
    await eventually(async () =>
      expect((await alpha.status()).inbound).toMatchObject({ state: 'up', lastError: null }),
    );
    await expect(alpha.links.bringAnew(STREAM)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(alpha.links.bringAnew('/m/other')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is found out too when it has as many records again', async () => {
    await alpha.stop();
    await append(hq.store, BROADCAST, ['other', 'others', 'and more']);
    await alpha.start();
    await failed();
    await alpha.links.bringAnew(STREAM);
    await eventually(() => expect(end(alpha.store, BROADCAST)).toBe(5));
    expect(await content(alpha.store, BROADCAST)).toBe(await content(hq.store, BROADCAST));
  });
});

describe('a copy', () => {
  it('has tables as of one moment, though they are written to', async () => {
    mkdirSync(path.join(data('first'), 'tables'));
    const file = path.join(data('first'), 'tables/tables.db');
    const db = new Database(file);
    db.prepare('PRAGMA journal_mode=WAL').all();
    db.exec('CREATE TABLE t (n INTEGER)');
    for (let n = 0; n < 100; n++) db.exec(`INSERT INTO t VALUES (${n})`);
    await backUp(data('first'), copy());
    db.exec('DELETE FROM t');
    db.close();
    const restored = new Database(path.join(copy(), 'tables/tables.db'));
    expect(restored.prepare('SELECT count(*) FROM t').raw().get([])).toEqual([100]);
    restored.close();
  });

  it('keeps the files of volumes as they were, and leaves out what was only half there', async () => {
    const volume = path.join(data('first'), 'volumes/inbound');
    for (const part of ['files/a', 'incoming', 'mirror/partials'])
      mkdirSync(path.join(volume, part), { recursive: true });
    writeFileSync(path.join(volume, 'files/a/picture.png'), 'bytes');
    writeFileSync(path.join(volume, 'incoming/half'), 'by');
    writeFileSync(path.join(volume, 'mirror/partials/abc'), 'by');
    const { files, site } = await backUp(data('first'), copy());
    expect(site).toBe('alpha');
    expect(files.map((file) => file.path).filter((file) => file.startsWith('volumes'))).toEqual([
      'volumes/inbound/files/a/picture.png',
    ]);
    rmSync(path.join(volume, 'files/a/picture.png'));
    await restore(copy(), path.join(root.directory, 'second'));
    expect(readFileSync(path.join(data('second'), 'volumes/inbound/files/a/picture.png'), 'utf8')).toBe('bytes');
  });

  it('has what the app and the launcher keep beside the site, which a restore lays where there is none', async () => {
    const beside = path.dirname(data('first'));
    for (const folder of ['access/audit', 'secrets', 'run']) mkdirSync(path.join(beside, folder), { recursive: true });
    writeFileSync(path.join(beside, 'access/users.json'), '{"anna":1}');
    writeFileSync(path.join(beside, 'secrets/key'), 'key', { mode: 0o600 });
    writeFileSync(path.join(beside, 'run/app.pid'), '1');
    await backUp(data('first'), copy());
    const second = path.join(root.directory, 'second');
    mkdirSync(path.join(second, 'access'), { recursive: true });
    writeFileSync(path.join(second, 'access/users.json'), '{"other":1}');
    await restore(copy(), second);
    expect(readdirSync(second).sort()).toEqual(['access', 'alpha', 'secrets']);
    expect(readFileSync(path.join(second, 'access/users.json'), 'utf8')).toBe('{"other":1}');
    expect(statSync(path.join(second, 'secrets/key')).mode & 0o777).toBe(0o600);
    expect(statSync(copy()).mode & 0o777).toBe(0o700);
    const third = path.join(root.directory, 'third');
    await restore(copy(), third);
    expect(readFileSync(path.join(third, 'access/users.json'), 'utf8')).toBe('{"anna":1}');
    expect(JSON.parse(readFileSync(path.join(third, 'alpha/format.json'), 'utf8'))).toMatchObject({
      site: 'alpha',
      restoredAt: expect.any(Number),
    });
  });

  it('opens what was sealed, by the key that is copied with it; beside another key it has to be set again', async () => {
    const at = (name: string) =>
      openGateways(
        path.join(data(name), 'gateways.json'),
        new Sealer({ keyFile: path.join(root.directory, name, 'secrets', 'key'), generateKey: true }),
      );
    const gateway = { cluster: 'hq', gateways: 'h:1', security: { tls: { ca: 'a certificate' } } };
    await (await at('first')).set(gateway);
    await backUp(data('first'), copy());
    await restore(copy(), path.join(root.directory, 'second'));
    expect((await at('second')).list()).toEqual([gateway]);
    // A data directory that has a key of its own keeps it.
    mkdirSync(path.join(root.directory, 'third', 'secrets'), { recursive: true });
    const key = `${Buffer.alloc(32, 7).toString('base64')}\n`;
    writeFileSync(path.join(root.directory, 'third', 'secrets', 'key'), key);
    await restore(copy(), path.join(root.directory, 'third'));
    const third = await at('third');
    expect(third.troubles()).toEqual([expect.stringContaining('sealed with another key')]);
    await third.set(gateway);
    expect((await at('third')).list()).toEqual([gateway]);
  });

  it('is refused where something is in the way, or where there is no site', async () => {
    await backUp(data('first'), copy());
    await expect(backUp(data('first'), copy())).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    await expect(backUp(data('none'), data('other'))).rejects.toMatchObject({ code: 'DATA_DIR_UNUSABLE' });
    await expect(restore(copy(), path.join(root.directory, 'first'))).rejects.toThrow(/not empty/);
  });

  it('that is damaged, incomplete or of a newer build is not restored', async () => {
    await backUp(data('first'), copy());
    const second = path.join(root.directory, 'second');
    appendFileSync(path.join(copy(), 'format.json'), ' ');
    await expect(restore(copy(), second)).rejects.toThrow(/format.json is not what was copied/);
    rmSync(path.join(copy(), 'format.json'));
    await expect(restore(copy(), second)).rejects.toThrow(/format.json is not what was copied/);
    writeFileSync(path.join(copy(), 'manifest.json'), '{"version":99,"program":"9.0.0","files":[]}');
    await expect(restore(copy(), second)).rejects.toThrow(/format 99/);
    rmSync(path.join(copy(), 'manifest.json'));
    await expect(restore(copy(), second)).rejects.toThrow(/no copy of a site/);
    expect(() => readFileSync(path.join(second, 'alpha/format.json'))).toThrow();
  });
});
