/** Two real fabrics, one mirror, and kill -9 in the middle of it. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bytes, sha256, temporaryDirectory } from '../testing';

const PROGRAM = path.resolve(import.meta.dirname, '../../../dist/fabric.js');
const LARGE_BYTES = 6_000_000;
/** Slow enough for a run to be met in its middle. */
const LINK_BYTES_PER_SECOND = 2_000_000;
const POLL = { timeout: 50_000, interval: 50 };

interface Fabric {
  process: ChildProcess;
  kafka: number;
  rest: number;
}
interface Status {
  state: string;
  bytesDone: number;
  lastError: string | null;
  lastSuccessAt: number | null;
}

let root: Awaited<ReturnType<typeof temporaryDirectory>>;
const running = new Set<ChildProcess>();
beforeEach(async () => {
  root = await temporaryDirectory();
});
afterEach(async () => {
  await Promise.all([...running].map(kill));
  await root.remove();
});

async function start(site: string, ports = { kafka: 0, rest: 0 }): Promise<Fabric> {
  const directory = path.join(root.directory, site);
  const doors = ['--kafka', `127.0.0.1:${ports.kafka}`, '--rest', `127.0.0.1:${ports.rest}`];
  const child = fork(PROGRAM, ['--site', site, '--data', directory, ...doors], { silent: true });
  running.add(child);
  for await (const line of createInterface({ input: child.stdout! })) {
    const { ready, kafka, rest, error } = JSON.parse(line) as Record<string, number> & { error?: unknown };
    if (error) throw new Error(JSON.stringify(error));
    if (ready) return { process: child, kafka: kafka!, rest: rest! };
  }
  throw new Error(`The fabric ${site} ended before it was ready`);
}

async function kill(child: ChildProcess): Promise<void> {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function post(fabric: Fabric, command: string, parameters: Record<string, string>): Promise<Status> {
  const url = `http://127.0.0.1:${fabric.rest}/rest/${command}?${new URLSearchParams(parameters)}`;
  const answer = (await (await fetch(url, { method: 'POST' })).json()) as { status: string; data?: Status[] };
  expect(answer, command).toMatchObject({ status: 'OK' });
  return answer.data?.[0] as Status;
}
const status = (fabric: Fabric) => post(fabric, 'volume/mirror/status', { name: 'inbound' });

async function contents(fabric: Fabric, volume: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const base = `http://127.0.0.1:${fabric.rest}/files/${volume}/`;
  const { entries } = (await (await fetch(`${base}?list=json&recursive=true`)).json()) as {
    entries: { path: string }[];
  };
  for (const { path: file } of entries) {
    const response = await fetch(base + file.split('/').map(encodeURIComponent).join('/'));
    found[file] = sha256(Buffer.from(await response.arrayBuffer()));
    expect(response.headers.get('x-fieldline-sha256')).toBe(found[file]);
  }
  return found;
}

it('a run survives kill -9 of either side, and brings exactly what the source has', async () => {
  let hq = await start('hq');
  let edge = await start('alpha');
  await post(hq, 'volume/create', { name: 'outbound' });
  const put = (file: string, body: Buffer) =>
    fetch(`http://127.0.0.1:${hq.rest}/files/outbound/${file}`, { method: 'PUT', body: new Uint8Array(body) });
  for (let index = 0; index < 30; index += 1) await put(`small/${index}`, bytes(20_000));
  await put('large/one', bytes(LARGE_BYTES));
  await put('large/two', bytes(LARGE_BYTES));
  const wanted = await contents(hq, 'outbound');

  await post(edge, 'cluster/gateway/set', { dstcluster: 'hq', gateways: `127.0.0.1:${hq.rest}` });
  await post(edge, 'volume/create', { name: 'inbound', type: 'mirror', source: 'outbound@hq' });
  const limit = () => post(edge, 'link/conditioner/set', { bytesPerSecond: String(LINK_BYTES_PER_SECOND) });
  await limit();
  await post(edge, 'volume/mirror/start', { name: 'inbound' });

  // The conditioner is not kept across a restart of the edge.
  let kept = 0;
  for (const side of ['edge', 'hq', 'edge']) {
    await expect.poll(async () => (await status(edge)).bytesDone, POLL).toBeGreaterThan(kept + 500_000);
    kept = (await status(edge)).bytesDone;
    if (side === 'edge') {
      await kill(edge.process);
      edge = await start('alpha', edge);
      await limit();
      // It goes on by itself, from what it had.
      await expect.poll(async () => (await status(edge)).state, POLL).toBe('running');
    } else {
      await kill(hq.process);
      hq = await start('hq', hq);
    }
  }
  await post(edge, 'link/conditioner/set', { bytesPerSecond: '' });
  await expect
    .poll(() => status(edge), POLL)
    .toMatchObject({ state: 'idle', lastError: null, lastSuccessAt: expect.any(Number) });
  expect(await contents(edge, 'inbound')).toEqual(wanted);
  expect(await contents(hq, 'outbound')).toEqual(wanted);
});

it('a kill -9 during uploads leaves complete files only, and all that were acknowledged', async () => {
  let hq = await start('hq');
  await post(hq, 'volume/create', { name: 'v' });
  const acknowledged: Record<string, string> = {};
  for (let round = 0; round < 3; round += 1) {
    const uploads = Array.from({ length: 20 }, async (_, index) => {
      const [file, body] = [`${index}`, bytes(200_000)];
      const url = `http://127.0.0.1:${hq.rest}/files/v/${round}/${file}`;
      const response = await fetch(url, { method: 'PUT', body: new Uint8Array(body) });
      if (response.ok) acknowledged[`${round}/${file}`] = sha256(body);
    });
    const settled = Promise.allSettled(uploads);
    await Promise.any(uploads);
    await kill(hq.process);
    await settled;
    hq = await start('hq', hq);
    // Every file that is there is whole: `contents` compares each with the digest that the door tells.
    expect(await contents(hq, 'v')).toMatchObject(acknowledged);
  }
  expect(Object.keys(acknowledged).length).toBeGreaterThan(0);
});
