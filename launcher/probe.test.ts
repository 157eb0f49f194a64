import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readProbeNote, writeProbeNote } from '@/lib/process/probe-note';
import { probe, runProbe } from './probe';

let dataDir: string;
let server: Server;
let port: number;
/** What the app says to who has the key. */
let told: { status: number; body: object };
const asked: string[] = [];

beforeEach(async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-probe-'));
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push(request.url!);
    const isKnown = request.headers.authorization === `Bearer ${readProbeNote({ dataDir, siteId: 'hq' })?.key}`;
    response.writeHead(isKnown ? told.status : 401).end(JSON.stringify(isKnown ? told.body : { detail: 'Nobody' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.close();
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const started = (host = '127.0.0.1') => writeProbeNote({ dataDir, siteId: 'hq' }, { host, port });

describe('a probe', () => {
  it('finds an app that is ready well, also one that listens on every address', async () => {
    told = { status: 200, body: { status: 'ok', reasons: [] } };
    expect(await probe(started(), 'ready')).toBeNull();
    expect(await probe(started('0.0.0.0'), 'live')).toBeNull();
    expect(asked).toEqual(['/api/health/ready', '/api/health/live']);
  });

  it('says why one is not ready', async () => {
    told = { status: 503, body: { status: 'unavailable', reasons: ['hq: its fabric does not answer', 'alpha too'] } };
    expect(await probe(started(), 'ready')).toBe('hq: its fabric does not answer; alpha too');
    told = { status: 503, body: { detail: 'This server is still starting' } };
    expect(await probe(started(), 'ready')).toBe('This server is still starting');
  });

  it('says that the app is down, or was never started', async () => {
    const note = started();
    await new Promise((resolve) => server.close(resolve));
    expect(await probe(note, 'ready')).toMatch(/^The app does not answer at http:\/\/127\.0\.0\.1:\d+: /);
    expect(await probe(null, 'ready')).toBe('Fieldline has not been started here');
  });

  it('with the key of another start learns nothing', async () => {
    const before = started();
    expect(started().key).not.toBe(before.key);
    expect(await probe(before, 'ready')).toBe('Nobody');
  });

  it.each([
    [['hq', 'ready'], undefined],
    [['hq'], 1],
    [['../hq', 'ready'], 1],
    [['alpha', 'ready'], 1],
  ] as const)('%j ends with %s', async (args, code) => {
    told = { status: 200, body: {} };
    started();
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await runProbe(args, dataDir);
    expect(process.exitCode).toBe(code);
    expect(said).toHaveBeenCalledTimes(code ? 1 : 0);
  });
});

describe("a start's key", () => {
  it('is of its owner, whatever lay there before', () => {
    const file = path.join(dataDir, 'run/probe-hq.json');
    started();
    writeFileSync(file, 'left by somebody', { mode: 0o644 });
    const { key } = started();
    expect(key).toMatch(/^fieldline_probe_[\w-]{43}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readProbeNote({ dataDir, siteId: 'hq' })?.key).toBe(key);
  });

  it('is none where the file is not whole', () => {
    started();
    writeFileSync(path.join(dataDir, 'run/probe-hq.json'), '{"url":');
    expect(readProbeNote({ dataDir, siteId: 'hq' })).toBeNull();
  });
});
