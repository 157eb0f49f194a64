/** Real clients, unmodified, that sign in with SASL_SSL: kafkajs, kcat, kafka-python (old and new), confluent-kafka. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority, makeServerCertificate } from '@/lib/certificates';
import { type FabricProcess, startFabricProcess } from './testing/fabric-process';

const run = promisify(execFile);
const PROVISION = path.resolve(import.meta.dirname, '../../scripts/provision-interop.mjs');
/** Downloading the Python clients the first time. */
const PROVISION_TIMEOUT_MS = 600_000;
const CLIENT_TIMEOUT_MS = 40_000;
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const USER = { username: 'hq', password: 'the password of the site' };
const WRONG = 'no-such-word';

const clients = JSON.parse(
  execFileSync(process.execPath, [PROVISION], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: PROVISION_TIMEOUT_MS,
  }),
) as Record<'kcat' | 'kafka-python-2' | 'kafka-python-3' | 'confluent', string | null>;

let directory: string;
let caFile: string;
let ca: string;
let fabric: FabricProcess;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'fieldline-secure-'));
  const authority = await makeAuthority('Fieldline of hq');
  const server = await makeServerCertificate(authority, ['localhost', '127.0.0.1']);
  const put = async (name: string, text: string) => {
    const file = path.join(directory, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  };
  ca = authority.certificate;
  caFile = await put('authority.pem', ca);
  const tls = ['--tls-cert', await put('door.pem', server.certificate), '--tls-key', await put('door.key', server.key)];
  const credentials = ['--credentials', await put('credentials.json', JSON.stringify(USER))];
  fabric = await startFabricProcess(path.join(directory, 'data'), 0, [...credentials, ...tls, '--tls-ca', caFile]);
});
afterAll(async () => {
  await fabric?.kill('SIGTERM');
  await rm(directory, { recursive: true, force: true });
});

/** What a command prints, on either output, whether it succeeds or not. */
const said = (command: string, args: string[]) =>
  run(command, args, { timeout: CLIENT_TIMEOUT_MS }).then(
    ({ stdout }) => ({ ok: true, text: stdout }),
    (error: { stdout: string; stderr: string }) => ({ ok: false, text: `${error.stdout}${error.stderr}` }),
  );

describe.each(MECHANISMS)('with %s', (mechanism) => {
  const topic = `secure-${mechanism}`;

  it('kafkajs', async () => {
    const kafkaWith = (password: string, authority: string | undefined = ca) =>
      new Kafka({
        brokers: [fabric.bootstrap],
        ssl: authority ? { ca: [authority] } : true,
        sasl: { mechanism: mechanism.toLowerCase() as 'plain', username: USER.username, password },
        retry: { retries: 0 },
        logCreator: () => () => undefined,
      });
    const producer = kafkaWith(USER.password).producer();
    await producer.connect();
    await producer.send({ topic, messages: [{ value: 'kafkajs' }] });
    await producer.disconnect();
    const refused = kafkaWith(WRONG).admin();
    await expect(refused.connect()).rejects.toThrow(/credentials were not accepted|Too many attempts/);
    await refused.disconnect();
    const distrusting = kafkaWith(USER.password, (await makeAuthority('another')).certificate).admin();
    await expect(distrusting.connect()).rejects.toThrow(/certificate/);
    await distrusting.disconnect();
  });

  it.skipIf(clients.kcat === null)('kcat', async () => {
    const kcat = (password: string, ...args: string[]) => {
      const settings = {
        'security.protocol': 'SASL_SSL',
        'ssl.ca.location': caFile,
        'sasl.mechanism': mechanism,
        'sasl.username': USER.username,
        'sasl.password': password,
      };
      const options = Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`]);
      return said(clients.kcat!, ['-b', fabric.bootstrap, ...options, '-m', '15', ...args]);
    };
    expect(await kcat(USER.password, '-L', '-J')).toMatchObject({ ok: true, text: expect.stringContaining(topic) });
    const refused = await kcat(WRONG, '-L');
    expect(refused.ok).toBe(false);
    expect(refused.text).toMatch(/SASL authentication error|Authentication failed|not accepted/i);
  });

  it.each(['kafka-python-2', 'kafka-python-3'] as const)('%s', async (name) => {
    if (clients[name] === null) return;
    const script = `
import sys
from kafka import KafkaConsumer, TopicPartition
consumer = KafkaConsumer(bootstrap_servers='${fabric.bootstrap}', security_protocol='SASL_SSL', ssl_cafile='${caFile}',
  sasl_mechanism='${mechanism}', sasl_plain_username='${USER.username}', sasl_plain_password=sys.argv[1],
  consumer_timeout_ms=10000, **({'bootstrap_timeout_ms': 8000} if ${name === 'kafka-python-3' ? 'True' : 'False'} else {}))
place = TopicPartition('${topic}', 0)
consumer.assign([place])
consumer.seek_to_beginning(place)
print(next(iter(consumer)).value.decode())
`;
    expect(await said(clients[name], ['-c', script, USER.password])).toEqual({ ok: true, text: 'kafkajs\n' });
    expect((await said(clients[name], ['-c', script, WRONG])).ok).toBe(false);
  });

  it.skipIf(clients.confluent === null)('confluent-kafka', async () => {
    const script = `
import sys
from confluent_kafka.admin import AdminClient
admin = AdminClient({'bootstrap.servers': '${fabric.bootstrap}', 'security.protocol': 'SASL_SSL', 'ssl.ca.location': '${caFile}',
  'sasl.mechanism': '${mechanism}', 'sasl.username': '${USER.username}', 'sasl.password': sys.argv[1]})
print(sorted(admin.list_topics(timeout=10).topics)[0])
`;
    expect(await said(clients.confluent!, ['-c', script, USER.password])).toMatchObject({ ok: true });
    expect((await said(clients.confluent!, ['-c', script, WRONG])).ok).toBe(false);
  });
});
