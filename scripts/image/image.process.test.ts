/** The container image without a container engine: the tree that the Dockerfile makes, and a mission in it under an engine's restrictions. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Container } from '../../e2e/support/container';
import { freePorts, until } from '../../e2e/support/installation';
import { buildApp, buildPrograms } from '../lib/build.mjs';
import { fingerprint } from '../lib/fingerprint.mjs';
import { layImage, NODE_FILE } from './lay.mjs';
import { filesBelow } from './walk.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const image = mkdtempSync(path.join(tmpdir(), 'fieldline-image-'));
/** Of everything: Node alone has some 100 MiB. What comes on top unnoticed (a native package's second platform, a cache) is what this finds. */
const IMAGE_BYTES_MAX = 220 * 2 ** 20;
/** What `docker stop` waits before it kills. */
const STOP_SECONDS_MAX = 10;

let bytes = 0;
beforeAll(async () => {
  await buildPrograms(root);
  await buildApp(root);
  ({ bytes } = layImage(root, image));
}, 300_000);
afterAll(() => rmSync(image, { recursive: true, force: true }));

const files = () => filesBelow(image).map(({ file }: { file: string }) => file);

describe('the tree', () => {
  it('is small', () => {
    process.stdout.write(`The image has ${(bytes / 2 ** 20).toFixed(1)} MiB in ${files().length} files.\n`);
    expect(bytes).toBeLessThan(IMAGE_BYTES_MAX);
  });

  it('has no map, test, source of ours, or file of a secret', () => {
    const ours = files().filter((file: string) => !file.includes('node_modules/'));
    expect(files().filter((file: string) => file.endsWith('.map'))).toEqual([]);
    expect(ours.filter((file: string) => /\.tsx?$|\.test\.|(^|\/)\.env/.test(file))).toEqual([]);
    expect(files().filter((file: string) => /\.(pem|key|p12|npmrc)$|id_rsa/.test(file))).toEqual([]);
  });

  it('has no package that only development needs', () => {
    const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    const held = new Set(
      files().flatMap((file: string) => /.*(node_modules\/(@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
    );
    expect(held.size).toBeGreaterThan(20);
    expect([...held].filter((folder) => packages[folder as string]?.dev)).toEqual([]);
  });

  it('names no path of the machine that built it', () => {
    const naming = files().filter((file: string) => readFileSync(path.join(image, file)).includes(`${root}/`));
    expect(naming).toEqual([]);
  });

  it('has links only to what is inside', () => {
    const links = readdirSync(image, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isSymbolicLink(),
    );
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(existsSync(path.join(link.parentPath, link.name)), link.name).toBe(true);
  });

  it('has every package that the bundles load', () => {
    const bundles = files().filter((file: string) => /^app\/dist\/.*\.js$/.test(file));
    expect(bundles.length).toBeGreaterThan(4);
    for (const file of bundles) {
      const bundle = path.join(image, file);
      // Minified or not: import{x}from"libsql", import("./part.js").
      const wanted = readFileSync(bundle, 'utf8').matchAll(/(?:^|[;}])import\b[^;"']*?["']([^"']+)["']/gm);
      for (const [, from] of wanted)
        if (!isBuiltin(from!)) expect(createRequire(bundle).resolve(from!), `${from} of ${file}`).toBeTruthy();
    }
  });

  it('can be read by everyone, and written nowhere but in its data and temporary directories', () => {
    for (const file of files()) expect(statSync(path.join(image, file)).mode & 0o444, file).toBe(0o444);
    expect(statSync(path.join(image, 'tmp')).mode & 0o1777).toBe(0o1777);
  });
});

// Namespaces and other users are root's to give, as they are a container engine's.
describe.skipIf(process.getuid?.() !== 0)('in a container', () => {
  let container: Container;
  let url = '';

  beforeAll(async () => {
    container = new Container(image);
    const [app, hqKafka, hqRest, alphaKafka, alphaRest] = await freePorts(5);
    url = `http://127.0.0.1:${app}`;
    writeFileSync(
      path.join(container.config, 'fieldline.json'),
      JSON.stringify({
        app: { port: app },
        dataDir: '/data',
        feeds: ['/app/feeds/sample.json'],
        logs: 'output',
        sites: [
          { id: 'hq', role: 'hq', fabric: { kind: 'embedded', kafkaPort: hqKafka, restPort: hqRest } },
          { id: 'alpha', role: 'edge', fabric: { kind: 'embedded', kafkaPort: alphaKafka, restPort: alphaRest } },
        ],
      }),
    );
  });
  afterAll(() => container.remove());

  const call = async <T>(address: string, init?: RequestInit): Promise<T> => {
    const response = await fetch(`${url}${address}`, {
      ...init,
      headers: { 'content-type': 'application/json' },
    });
    if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}\n${container.output}`);
    return (await response.json()) as T;
  };
  const assetsAt = async (site: string, status: string) =>
    (await call<{ assets: { id: string; bytes: number }[] }>(`/api/sites/${site}/assets?status=${status}&limit=3`))
      .assets;
  const ready = () =>
    until('the app is ready', async () => (await container.probe(PROBE)) === null, 90_000).catch((error) => {
      throw new Error(`${error}\n${container.output}`);
    });

  it('ends with the test that started it, also when that was killed', async () => {
    const config = readFileSync(path.join(container.config, 'fieldline.json'), 'utf8');
    const starter = spawn(process.execPath, ['--input-type=module', '-e', STARTER, image, config], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = await new Promise<string>((resolve, reject) => {
      starter.stdout.once('data', (chunk) => resolve(String(chunk)));
      starter.once('exit', () => reject(new Error('Nothing was started')));
    });
    const { directory, pids } = JSON.parse(said) as { directory: string; pids: number[] };
    expect(pids.length).toBeGreaterThan(0);
    const left = () => pids.filter((pid) => existsSync(`/proc/${pid}`));
    starter.kill('SIGKILL');
    try {
      await until('nothing of it is left', async () => left().length === 0, 30_000);
    } finally {
      for (const pid of left()) process.kill(pid, 'SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    }
  });

  it('drives a whole mission, stops in time, and has kept everything', async () => {
    const before = fingerprint(image, ['.']);
    await container.start();
    await ready();

    await expectRestrictions(container);

    await until('alpha lists assets', async () => (await assetsAt('alpha', 'available')).length > 0);
    const [asset] = await assetsAt('alpha', 'available');
    const body = JSON.stringify({ assetIds: [asset!.id] });
    await call('/api/sites/alpha/requests', { method: 'POST', body });
    await until('HQ has staged it', async () => (await assetsAt('alpha', 'ready')).length === 1);
    await call('/api/sites/alpha/mirror', { method: 'POST' });
    await until('it is delivered', async () => (await assetsAt('alpha', 'delivered')).length === 1);
    const content = async () => {
      const response = await fetch(`${url}/api/sites/alpha/assets/${asset!.id}/content`);
      return Buffer.from(await response.arrayBuffer()).length;
    };
    expect(await content()).toBe(asset!.bytes);
    // Pages are made of the same tree.
    expect(await (await fetch(`${url}/hq`)).text()).toContain('<html');

    const inside = container.processes().map(({ pid }) => pid);
    expect(await container.stop(STOP_SECONDS_MAX)).toBe(0);
    expect(inside.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);

    await container.start();
    await ready();
    expect((await assetsAt('alpha', 'delivered')).map(({ id }) => id)).toEqual([asset!.id]);
    expect(await content()).toBe(asset!.bytes);
    expect(await container.stop(STOP_SECONDS_MAX)).toBe(0);

    // Nothing tried to write where it may not, and nothing was written.
    expect(container.output).not.toMatch(/EROFS|EACCES|EPERM|read-only file system/i);
    expect(fingerprint(image, ['.'])).toBe(before);
    // What its processes print is on its output, the launcher's own lines too: JSON, each of them.
    expectLines(container.output);
  }, 240_000);
});

/** As the chart's own. */
const PROBE = [NODE_FILE, '/app/main.mjs', 'probe', 'hq', 'ready'];

/** Starts a container, and says which processes are in it. */
const STARTER = `
  import { writeFileSync } from 'node:fs';
  import { importTypeScript } from './scripts/import-typescript.mjs';
  const { Container } = await importTypeScript('e2e/support/container.ts');
  const container = new Container(process.argv[1]);
  writeFileSync(container.config + '/fieldline.json', process.argv[2]);
  await container.start();
  const pids = container.processes().map(({ pid }) => pid);
  process.stdout.write(JSON.stringify({ directory: container.directory, pids }));
`;

/** Every line is an event with its time, level and words; of every kind of process. */
function expectLines(output: string): void {
  const lines = output
    .trim()
    .split('\n')
    .map((line) => {
      try {
        return JSON.parse(line) as Record<string, unknown>;
      } catch {
        return { line };
      }
    });
  // What a fabric tells its launcher is no event.
  const events = lines.filter((line) => !('ready' in line));
  expect(events.filter(({ level, time, msg }) => !level || !time || !msg)).toEqual([]);
  expect(events.map(({ component }) => component)).toEqual(
    expect.arrayContaining(['app', 'fabric', 'launcher', 'services']),
  );
}

/** The launcher, two fabrics and the app: another user, no capabilities, a read-only root, nothing of our environment. */
async function expectRestrictions(container: Container): Promise<void> {
  const processes = container.processes();
  expect(processes).toHaveLength(4);
  for (const { status, mounts, environment } of processes) {
    expect(status).toMatchObject({ Uid: expect.stringMatching(/^65532\s+65532\s+65532\s+65532$/), NoNewPrivs: '1' });
    expect(status.Groups?.trim()).toBe('');
    expect([status.CapEff, status.CapPrm, status.CapInh]).toEqual(Array(3).fill('0000000000000000'));
    const writable = mounts
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
      .filter((fields) => fields[5]!.split(',').includes('rw'))
      .map((fields) => fields[4]);
    expect(writable.toSorted()).toEqual(
      ['/data', '/dev/null', '/dev/random', '/dev/urandom', '/dev/zero', '/proc', '/tmp'].toSorted(),
    );
    expect(environment).not.toMatch(/(^|\0)(PATH|HOME|USER|CI)=/);
  }
}
