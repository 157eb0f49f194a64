import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { asCheckFailure, checkAdmin, checkKafka, checkKafkaConnect, checkPostgres, checkS3 } from '.';

const servers: (Server | HttpServer)[] = [];
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});
async function listen(server: Server | HttpServer): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
}
const web = (status = 404) => listen(createHttp((_request, response) => response.writeHead(status).end('<html>')));
const closing = () => listen(createServer((socket) => socket.destroy()));
async function nobody(): Promise<number> {
  const port = await listen(createServer());
  await new Promise((resolve) => servers.pop()!.close(resolve));
  return port;
}
const codeOf = (check: Promise<void>) =>
  check.then(
    () => 'ok',
    (error) => asCheckFailure(error).code,
  );

const kafka = (host: string, port: number, tls = false) =>
  checkKafka(
    { brokers: [`${host}:${port}`], clientId: 'test', mission: 'm', ...(tls && { ssl: true }) },
    tls ? {} : undefined,
  );
const postgres = (host: string, port: number, tls = false) =>
  checkPostgres({ host, port, database: 'd', user: 'u', password: 'p', mission: 'm', ...(tls && { tls: {} }) });
const s3 = (host: string, port: number, tls = false) =>
  checkS3(
    {
      endpoint: `${tls ? 'https' : 'http'}://${host}:${port}`,
      region: 'us-east-1',
      bucket: 'missions',
      pathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    },
    'm',
  );
const admin = (host: string, port: number, tls = false) =>
  checkAdmin({ baseUrl: `${tls ? 'https' : 'http'}://${host}:${port}` }, 'a fabric');

describe.each([
  ['Kafka', kafka],
  ['PostgreSQL', postgres],
  ['S3', s3],
  ['a fabric', admin],
])('%s is told apart from', (name, check) => {
  it('a name that nobody has', async () => {
    expect(await codeOf(check('nobody.invalid', 9092))).toBe('name-not-resolved');
  });
  it('a port where nothing listens', async () => {
    expect(await codeOf(check('127.0.0.1', await nobody()))).toBe('refused');
  });
  it('a server that hangs up', async () => {
    expect(await codeOf(check('127.0.0.1', await closing()))).toBe('wrong-service');
  });
  it('a web server', async () => {
    expect(await codeOf(check('127.0.0.1', await web()))).toBe('wrong-service');
  });
  // PostgreSQL asks for TLS in its own protocol first: for it, that is the web server above.
  if (name !== 'PostgreSQL')
    it('a server without TLS', async () => {
      expect(await codeOf(check('127.0.0.1', await web(), true))).toBe('wrong-service');
    });
});

it('words what libraries say', () => {
  const coded = (code: string) => Object.assign(new Error(code), { code });
  expect(asCheckFailure(coded('CERT_HAS_EXPIRED')).code).toBe('certificate-expired');
  expect(asCheckFailure(coded('ERR_TLS_CERT_ALTNAME_INVALID')).code).toBe('certificate-name');
  expect(asCheckFailure(coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE')).code).toBe('certificate-authority');
  expect(asCheckFailure(coded('DEPTH_ZERO_SELF_SIGNED_CERT')).code).toBe('certificate-authority');
});

describe('Kafka Connect', () => {
  /** Answers its root and all else so. */
  async function answering(root: [number, string], other = root): Promise<string> {
    const server = createHttp((request, response) => {
      const [status, body] = request.url === '/' && request.method === 'GET' ? root : other;
      response.writeHead(status).end(body);
    });
    return codeOf(checkKafkaConnect({ baseUrl: `http://127.0.0.1:${await listen(server)}` }));
  }
  const worded = (code: number) => JSON.stringify({ error_code: code, message: 'no' });

  it('is told apart from a web server that forbids everything', async () => {
    expect(await answering([403, '<html>Forbidden'])).toBe('wrong-service');
    expect(await answering([403, '{"message": "no"}'])).toBe('wrong-service');
  });
  it('that allows the user nothing, or not all, is Kafka Connect still', async () => {
    expect(await answering([403, worded(403)])).toBe('not-authorised');
    expect(await answering([200, '{"version": "4.0.0"}'], [403, ''])).toBe('not-authorised');
  });
  it('that asks for credentials is told so, whoever asks in front of it', async () => {
    expect(await answering([401, worded(401)])).toBe('credentials');
    expect(await answering([401, '<html>'])).toBe('credentials');
  });
});
