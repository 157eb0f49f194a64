/** `npm run enrol` at both sides, as a person runs it. */
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseConfig, readEnrolment, readSecret } from '@/lib/config';
import { FabricProcess, temporaryDirectory } from '@/lib/drivers/testing/fabric-process';
import { securityArguments } from './keys';
import { parseLaunchOptions } from './options';

const run = promisify(execFile);
const PROGRAM = path.resolve(import.meta.dirname, '../dist/enrol.js');
/** What scripts/enrol.mjs does once everything is installed and built. */
const COMMAND = [
  '--input-type=module',
  '-e',
  `const { enrol } = await import(${JSON.stringify(PROGRAM)}); await enrol(process.argv.slice(1), { root: '/' });`,
];

let directory: string;
let remove: () => Promise<void>;
let hq: FabricProcess;
beforeAll(async () => {
  ({ directory, remove } = await temporaryDirectory());
  const dataDir = path.join(directory, 'hq');
  const ports = { kafkaPort: 1, restPort: 2 };
  const raw = (more: object) => ({
    dataDir,
    sites: [{ id: 'hq', role: 'hq', fabric: { kind: 'embedded', access: 'credentials', ...ports, ...more } }],
  });
  const config = parseConfig(raw({}), 'the test');
  const [site] = config.sites;
  if (site?.fabric.kind !== 'embedded') throw new Error('unreachable');
  const options = await securityArguments(config, 'hq', site.fabric);
  hq = await new FabricProcess('hq', path.join(dataDir, 'hq'), options).start();
  const [kafkaPort, restPort] = [hq.kafka, hq.rest].map((address) => Number(address.split(':')[1]));
  mkdirSync(path.join(dataDir, 'run'), { recursive: true });
  // As the launcher writes it for the app.
  writeFileSync(
    path.join(dataDir, 'run', 'config-hq.json'),
    JSON.stringify(parseConfig(raw({ kafkaPort, restPort }), 'the test')),
  );
});
afterAll(async () => {
  await hq?.kill();
  await remove?.();
});

function accept(dataDir: string, token: string): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...COMMAND, '--', '--accept', '--data', dataDir]);
    let said = '';
    for (const output of [child.stdout, child.stderr])
      output.on('data', (chunk: Buffer) => {
        said += chunk.toString();
      });
    child.once('close', (code) => resolve({ code, said }));
    child.stdin.end(token);
  });
}

it('makes a token at HQ, and of the token all that the edge needs', async () => {
  const { stdout } = await run(process.execPath, [...COMMAND, 'alpha', '--data', path.join(directory, 'hq')]);
  const token = stdout.split('\n').find((line) => line.startsWith('fl1.'))!;
  const dataDir = path.join(directory, 'edge');
  // A terminal may break the line.
  const { code, said } = await accept(dataDir, `  ${token.slice(0, 300)}\n${token.slice(300)}\n`);
  expect([code, said]).toEqual([0, expect.stringContaining('alpha is enrolled')]);

  const enrolment = readEnrolment(dataDir, 'alpha')!;
  expect(enrolment).toMatchObject({ mission: 'missionx', upstream: { address: hq.rest, sasl: { username: 'alpha' } } });
  expect(statSync(path.join(dataDir, 'enrolment', 'alpha.json')).mode & 0o777).toBe(0o600);
  const { passwordFile } = (enrolment.upstream as { sasl: { passwordFile: string } }).sasl;
  expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
  // The edge starts with it, and says nothing of HQ by itself.
  const { config } = parseLaunchOptions(['--site', 'alpha', '--data', dataDir], directory);
  expect(config?.sites[0]?.upstream).toEqual(enrolment.upstream);

  const again = await accept(path.join(directory, 'other'), token);
  expect([again.code, again.said]).toEqual([1, expect.stringContaining('was used already, or has expired')]);
  expect((await accept(dataDir, token.slice(0, -20))).said).toContain('not the whole of one');
  // Neither the token nor its secret is in anything that HQ keeps, nor the password of its own services.
  const kept = readdirSync(path.join(directory, 'hq'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'));
  const own = readSecret({ dataDir: path.join(directory, 'hq') }, path.join(directory, 'hq/keys/hq/credentials.json'));
  const { password } = JSON.parse(own) as { password: string };
  const { secret } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { secret: string };
  expect(kept.filter((text) => [secret, token, password].some((one) => text.includes(one)))).toEqual([]);
});

it('says what is missing where no HQ runs, or its doors are open', async () => {
  const failure = await run(process.execPath, [...COMMAND, 'alpha', '--data', path.join(directory, 'nothing')]).catch(
    (error: { stderr: string }) => error.stderr,
  );
  expect(failure).toContain('No HQ has been started');
});
