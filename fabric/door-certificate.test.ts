import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type Identity, makeAuthority, makeServerCertificate } from '@/lib/certificates';
import { DoorCertificate } from './door-certificate';
import { RestServer, sendJson } from './http/router';
import { startTestDoor } from './kafka/testing/door-harness';

let authority: Identity;
let first: Identity;
let second: Identity;
const closes: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  authority = await makeAuthority('Fieldline of hq');
  [first, second] = await Promise.all([
    makeServerCertificate(authority, ['localhost', '127.0.0.1']),
    makeServerCertificate(authority, ['localhost', '127.0.0.1']),
  ]);
});

afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

const fingerprint = (pem: string) => new X509Certificate(pem).fingerprint256;

/** The doors of a fabric on files as a cluster mounts them: names that lead through a link, which is swapped. */
async function begin(pollMs = 3_600_000) {
  const directory = await mkdtemp(path.join(tmpdir(), 'fieldline-certificate-'));
  closes.push(() => rm(directory, { recursive: true, force: true }));
  const link = path.join(directory, 'data');
  let versions = 0;
  const put = async ({ certificate, key }: Identity, ca = authority.certificate) => {
    const version = path.join(directory, `version-${versions++}`);
    await mkdir(version);
    await writeFile(path.join(version, 'tls.crt'), certificate);
    await writeFile(path.join(version, 'tls.key'), key);
    await writeFile(path.join(version, 'ca.crt'), ca);
    await symlink(version, `${link}.new`);
    await rename(`${link}.new`, link);
  };
  await put(first);
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const files = {
    cert: `${link}/tls.crt`,
    key: `${link}/tls.key`,
    ca: `${link}/ca.crt`,
    secretsKey: `${directory}/no-key`,
  };
  const certificate = await DoorCertificate.open(files, log, pollMs);
  closes.push(() => certificate.close());
  const rest = new RestServer(certificate.tls);
  rest.on('GET', '/here', (_request, response) => sendJson(response, 200, { here: true }));
  const restPort = await rest.listen('127.0.0.1', 0);
  closes.push(() => rest.close());
  const kafka = await startTestDoor({ tls: certificate.tls });
  closes.push(() => kafka.close());
  certificate.onRenewed((tls) => {
    rest.renewCertificate(tls);
    kafka.door.renewCertificate(tls);
  });
  /** What each door shows to who comes now. */
  const shown = async () => [await seenAt(restPort), await seenAt(kafka.door.port)];
  return { certificate, log, put, shown, restPort, kafkaPort: kafka.door.port, link };
}

function open(port: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ca: authority.certificate, servername: 'localhost' });
    closes.push(() => socket.destroy());
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

const shownBy = (socket: TLSSocket) => socket.getPeerX509Certificate()!.fingerprint256;

async function seenAt(port: number): Promise<string> {
  const socket = await open(port);
  const seen = shownBy(socket);
  socket.destroy();
  return seen;
}

/** ApiVersions v0 and the size of its answer: that a connection of before is still served. */
function askKafka(socket: TLSSocket): Promise<number> {
  const body = Buffer.from([0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  socket.write(Buffer.concat([size, body]));
  return new Promise((resolve, reject) => {
    socket.once('data', (data: Buffer) => resolve(data.readInt32BE(4)));
    socket.once('close', () => reject(new Error('closed')));
  });
}

function askRest(socket: TLSSocket): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request({ path: '/here', host: '127.0.0.1', createConnection: () => socket }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    asked.once('error', reject);
    asked.end();
  });
}

it('shows a renewed certificate to who comes then, while open connections live on', async () => {
  const { certificate, log, put, shown, restPort, kafkaPort } = await begin();
  const [rest, kafka] = [await open(restPort), await open(kafkaPort)];
  expect(await shown()).toEqual([fingerprint(first.certificate), fingerprint(first.certificate)]);

  const anotherAuthority = await makeAuthority('another');
  await put(second, anotherAuthority.certificate);
  await certificate.check();
  expect(await shown()).toEqual([fingerprint(second.certificate), fingerprint(second.certificate)]);
  expect(certificate.ca).toBe(anotherAuthority.certificate);
  expect(certificate.endsAt).toBe(Date.parse(new X509Certificate(second.certificate).validTo));
  expect(log.info).toHaveBeenCalledTimes(1);

  expect(shownBy(rest)).toBe(fingerprint(first.certificate));
  expect(await askRest(rest)).toBe(200);
  expect(await askKafka(kafka)).toBe(7);
});

it('changes nothing for a pair that is broken, says so once, and takes the next good one', async () => {
  const { certificate, log, put, shown } = await begin();
  const old = [fingerprint(first.certificate), fingerprint(first.certificate)];
  await put({ certificate: second.certificate, key: first.key });
  await certificate.check();
  // A certificate and its key may be replaced one after the other.
  expect(certificate.troubles()).toEqual([]);
  await certificate.check();
  await certificate.check();
  expect(certificate.troubles()).toEqual([
    expect.stringMatching(/can not be used, and the old one is shown, until 20/),
  ]);
  expect(log.warn).toHaveBeenCalledTimes(1);
  expect(JSON.stringify(log.warn.mock.calls)).not.toContain('PRIVATE');
  expect(await shown()).toEqual(old);

  await put(second);
  await certificate.check();
  expect(certificate.troubles()).toEqual([]);
  expect(await shown()).toEqual([fingerprint(second.certificate), fingerprint(second.certificate)]);
});

it.each([
  ['no certificate', () => ({ certificate: 'nothing of the kind', key: second.key })],
  ['no key', () => ({ certificate: second.certificate, key: '' })],
  ['a certificate that is over', () => overAlready(authority)],
])('goes on with the old one for %s', async (_what, broken) => {
  const { certificate, put, shown } = await begin();
  await put(await broken());
  for (let look = 0; look < 2; look++) await certificate.check();
  expect(certificate.troubles()).toHaveLength(1);
  expect(await shown()).toEqual([fingerprint(first.certificate), fingerprint(first.certificate)]);
});

it('goes on with the old one while the files are gone, and is content once they are back', async () => {
  const { certificate, put, shown, link } = await begin();
  await rm(link);
  for (let look = 0; look < 2; look++) await certificate.check();
  expect(certificate.troubles()).toEqual([expect.stringContaining('ENOENT')]);
  expect(await shown()).toEqual([fingerprint(first.certificate), fingerprint(first.certificate)]);
  await put(first);
  await certificate.check();
  expect(certificate.troubles()).toEqual([]);
});

it('looks by itself', async () => {
  const { put, shown } = await begin(20);
  await put(second);
  await expect.poll(shown, { timeout: 10_000 }).toEqual(Array(2).fill(fingerprint(second.certificate)));
});

it('does not start with a pair that can not be used', async () => {
  const { link } = await begin();
  const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  await expect(
    DoorCertificate.open(
      { cert: `${link}/ca.crt`, key: `${link}/tls.key`, ca: undefined, secretsKey: `${link}/no-key` },
      log,
    ),
  ).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

async function overAlready(by: Identity): Promise<Identity> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3 * 365 * 24 * 60 * 60_000 });
  try {
    return await makeServerCertificate(by, ['localhost']);
  } finally {
    vi.useRealTimers();
  }
}
