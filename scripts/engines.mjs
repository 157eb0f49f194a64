/**
 * `npm run engines`: Apache Kafka, PostgreSQL and an S3 server on this machine, for trying out what HQ is on them. Writes the configuration
 * of HQ and of one edge into data/engines, says how to start them, and stops everything with Ctrl+C. Every run begins anew.
 * A line on its input, `kill kafka` or `start kafka`, loses an engine and brings it back. `--edge-on-kafka`: also a Kafka, a database and a
 * bucket for a second edge, bravo, and the Kafka Connect that links it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { startConnect, startKafka } from './engines/kafka.mjs';
import { startPostgres } from './engines/postgres.mjs';
import { provisionEngines } from './engines/provision.mjs';
import { startS3 } from './engines/s3.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { fail, say } from './lib/say.mjs';

const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'data/engines');
const BUCKET = 'missions';
const FIELD = 'field';
const hasKafkaEdge = process.argv.includes('--edge-on-kafka');
const HELP = `kill NAME, start NAME (kafka, postgres, s3${hasKafkaEdge ? ', field, connect' : ''})`;

await ensureInstalled(root);
const missing = provisionEngines();
if (missing.length > 0) fail(`Not without ${missing.map(({ name, why }) => `${name}: ${why}`).join('; ')}`);

const engines = {};
let isStopping = false;
async function stop(code) {
  if (isStopping) return;
  isStopping = true;
  say('Stopping the engines ...');
  await Promise.allSettled(Object.values(engines).map((engine) => engine.stop()));
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));

try {
  say('Starting Apache Kafka, PostgreSQL and versitygw ...');
  const starting = { kafka: startKafka(), postgres: startPostgres(), s3: startS3() };
  await Promise.all(
    Object.entries(starting).map(async ([name, engine]) => {
      engines[name] = await engine;
    }),
  );
  if (hasKafkaEdge) {
    engines.field = await startKafka();
    engines.connect = await startConnect({ broker: engines.field.broker });
    await engines.postgres.query(`CREATE DATABASE ${FIELD}`);
    await makeBucket(engines.s3, FIELD);
  }
  await makeBucket(engines.s3, BUCKET);
  writeConfigurations(engines);
} catch (error) {
  process.stderr.write(`fieldline  ${error.message}\n`);
  await stop(1);
}

const { kafka, postgres, s3, field, connect } = engines;
process.stdout.write(`
  Kafka        ${kafka.broker}
  PostgreSQL   ${postgres.host}:${postgres.port}, database ${postgres.database}, user ${postgres.user}, password ${postgres.password}
  S3           ${s3.endpoint}, bucket ${BUCKET}, key ${s3.accessKeyId}, secret ${s3.secretAccessKey}

  HQ           npm start -- --config data/engines/hq.json       http://127.0.0.1:3000
  Field team   npm start -- --config data/engines/alpha.json    http://127.0.0.1:3001
${
  hasKafkaEdge
    ? `
  Field Kafka  ${field.broker}, Kafka Connect ${connect.url}, database ${FIELD}, bucket ${FIELD}
  bravo        npm start -- --config data/engines/bravo.json    http://127.0.0.1:3002
`
    : ''
}
`);
say(`Running. Ctrl+C stops them and forgets their data. Type ${HELP}.`);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, name] = line.trim().split(/\s+/);
  const engine = Object.hasOwn(engines, name ?? '') ? engines[name] : null;
  if (!engine || !['kill', 'start'].includes(command)) say(`Type ${HELP}.`);
  else
    await engine[command]().then(
      () => say(command === 'kill' ? `${name} is gone.` : `${name} is back.`),
      (error) => say(error.message),
    );
}

async function makeBucket({ endpoint, region, accessKeyId, secretAccessKey }, name) {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3');
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  await client.send(new CreateBucketCommand({ Bucket: name }));
  client.destroy();
}

function writeConfigurations({ kafka, postgres, s3, field, connect }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.join(folder, 'secrets'), { recursive: true, mode: 0o700 });
  const secret = (name, text) => {
    writeFileSync(path.join(folder, 'secrets', name), `${text}\n`, { mode: 0o600 });
    return `secrets/${name}`;
  };
  const { endpoint, region, accessKeyId } = s3;
  const bucket = {
    endpoint,
    region,
    bucket: BUCKET,
    accessKeyId,
    secretAccessKeyFile: secret('s3', s3.secretAccessKey),
  };
  const { host, port, user, database } = postgres;
  const hq = {
    kind: 'kafka',
    brokers: kafka.brokers,
    replicationFactor: 1,
    postgres: { host, port, database, user, passwordFile: secret('postgres', postgres.password) },
    s3: bucket,
  };
  const alpha = { kind: 'embedded', kafkaPort: 19102, restPort: 18453 };
  write('hq.json', { dataDir: 'hq', feeds: ['../../feeds'], sites: [{ id: 'hq', role: 'hq', fabric: hq }] });
  write('alpha.json', {
    app: { port: 3001 },
    dataDir: 'alpha',
    feeds: [],
    sites: [{ id: 'alpha', role: 'edge', upstream: { kafka: kafka.broker, s3: bucket }, fabric: alpha }],
  });
  if (!hasKafkaEdge) return;
  const bravo = {
    ...hq,
    brokers: field.brokers,
    postgres: { ...hq.postgres, database: FIELD },
    s3: { ...bucket, bucket: FIELD },
    connect: { url: connect.url },
  };
  write('bravo.json', {
    app: { port: 3002 },
    dataDir: 'bravo',
    feeds: [],
    sites: [{ id: 'bravo', role: 'edge', upstream: { brokers: kafka.brokers, s3: bucket }, fabric: bravo }],
  });
}

function write(name, config) {
  writeFileSync(path.join(folder, name), `${JSON.stringify(config, null, 2)}\n`);
}
