import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FieldlineError } from '@/lib/errors';
import { defaultSites } from './defaults';
import { loadConfig, readConfigFile } from './load';
import { parseConfig } from './parse';
import { readSecret } from './secrets';

const folder = mkdtempSync(path.join(tmpdir(), 'fieldline-config-'));
const write = (name: string, text: string) => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const failure = (run: () => unknown): FieldlineError => {
  try {
    run();
  } catch (error) {
    if (error instanceof FieldlineError) return error;
    throw error;
  }
  throw new Error('expected a failure');
};

const ON_KAFKA = {
  kind: 'kafka',
  brokers: ['kafka.example:9092'],
  postgres: { host: 'db.example', database: 'missions', user: 'fieldline', passwordFile: 'password' },
  s3: { endpoint: 'https://s3.example', bucket: 'missions', accessKeyId: 'key', secretAccessKeyFile: 'secret' },
};

describe('loadConfig', () => {
  it('without a file is the one-machine demonstration on the documented ports', () => {
    const config = loadConfig({});
    expect(config.app).toEqual({ host: '127.0.0.1', port: 3000 });
    expect(config.sites.map(({ id, role, fabric }) => ({ id, role, fabric }))).toMatchObject([
      { id: 'hq', role: 'hq', fabric: { kind: 'embedded', kafkaPort: 19_092, restPort: 18_443 } },
      { id: 'alpha', role: 'edge', fabric: { kind: 'embedded', kafkaPort: 19_102, restPort: 18_453 } },
    ]);
  });

  it('takes relative paths from the folder of the file', () => {
    const file = write('good.json', JSON.stringify({ dataDir: 'd', feeds: ['f'], sites: defaultSites(['hq']) }));
    const config = loadConfig({ FIELDLINE_CONFIG: file });
    expect(config.dataDir).toBe(path.join(folder, 'd'));
    expect(config.feeds).toEqual([path.join(folder, 'f')]);
  });

  it('has no feeds where the folder for them is missing that nobody named', () => {
    const file = write('plain.json', JSON.stringify({ sites: defaultSites(['hq']) }));
    expect(loadConfig({ FIELDLINE_CONFIG: file }).feeds).toEqual([]);
    mkdirSync(path.join(folder, 'feeds'));
    expect(loadConfig({ FIELDLINE_CONFIG: file }).feeds).toEqual([path.join(folder, 'feeds')]);
  });

  it('names the file when it is missing or not JSON', () => {
    expect(failure(() => loadConfig({ FIELDLINE_CONFIG: path.join(folder, 'none.json') })).message).toContain(
      'none.json',
    );
    const error = failure(() => loadConfig({ FIELDLINE_CONFIG: write('bad.json', '{"sites": [') }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('bad.json');
  });

  it.each([
    ['a port out of range', { app: { port: 70_000 }, sites: defaultSites(['hq']) }, 'app.port'],
    ['no site', { sites: [] }, 'sites'],
    ['a site twice', { sites: [...defaultSites(['hq']), ...defaultSites(['hq'])] }, 'used twice'],
    [
      'an edge on Kafka that knows no HQ',
      { sites: [{ id: 'alpha', role: 'edge', fabric: ON_KAFKA }] },
      'sites.0.upstream',
    ],
    ['a setting that there is none of', { sites: defaultSites(['hq']), datadir: 'x' }, 'datadir'],
    ['a limit that there is none of', { sites: defaultSites(['hq']), limits: { assetBytes: 5 } }, 'assetBytes'],
    ['a site id that no topic can carry', { sites: [{ ...defaultSites(['hq'])[0], id: 'H Q/..' }] }, 'sites.0.id'],
  ])('says what is wrong with %s', (_name, raw, expected) => {
    const error = failure(() => parseConfig(raw, 'test'));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(expected);
  });
});

describe('telemetry', () => {
  const telemetry = (settings: object) => ({ sites: defaultSites(['hq']), telemetry: settings });

  it('is not exported unless an endpoint is named', () => {
    expect(parseConfig({ sites: defaultSites(['hq']) }, 'test').telemetry).toEqual({ sampleRatio: 1, spansKept: 2000 });
  });

  it('takes headers from a file beside the configuration', () => {
    write('otlp.headers', 'authorization: Bearer x\n');
    const settings = { otlpEndpoint: 'http://collector.example:4318', otlpHeadersFile: 'otlp.headers' };
    const loaded = readConfigFile(write('telemetry.json', JSON.stringify(telemetry(settings))));
    expect(loaded.telemetry.otlpHeadersFile).toBe(path.join(folder, 'otlp.headers'));
    expect(JSON.stringify(loaded)).not.toContain('Bearer');
  });

  it.each([
    ['another protocol', { otlpEndpoint: 'grpc://collector:4317' }, 'telemetry.otlpEndpoint'],
    ['credentials in the address', { otlpEndpoint: 'http://a:b@collector:4318' }, 'otlpHeadersFile'],
    ['a share above one', { sampleRatio: 2 }, 'telemetry.sampleRatio'],
  ])('refuses %s', (_name, settings, expected) => {
    expect(failure(() => parseConfig(telemetry(settings), 'test')).message).toContain(expected);
  });
});

describe('the kind kafka', () => {
  const fabric = {
    kind: 'kafka',
    brokers: ['kafka-1.example:9092'],
    sasl: { mechanism: 'scram-sha-512', username: 'fieldline', passwordFile: 'kafka.password' },
    tls: { caFile: 'ca.pem' },
    postgres: { url: 'postgresql://fieldline@db.example/missions', passwordFile: 'db.password' },
    s3: { endpoint: 'https://s3.example', bucket: 'missions', accessKeyId: 'AK', secretAccessKeyFile: 's3.secret' },
  };
  const config = (changes: object = {}) => ({ sites: [{ id: 'hq', role: 'hq', fabric: { ...fabric, ...changes } }] });

  it('names secrets by files, from the folder of the configuration, and takes a database by its address', () => {
    for (const name of ['kafka.password', 'ca.pem', 'db.password', 's3.secret']) write(name, 'a secret\n');
    const file = write('kafka.json', JSON.stringify(config()));
    const loaded = readConfigFile(file);
    expect(loaded.sites[0]?.fabric).toMatchObject({
      sasl: { passwordFile: path.join(folder, 'kafka.password') },
      tls: { caFile: path.join(folder, 'ca.pem') },
      postgres: {
        host: 'db.example',
        port: 5432,
        database: 'missions',
        user: 'fieldline',
        passwordFile: path.join(folder, 'db.password'),
      },
      s3: { region: 'us-east-1', pathStyle: true, secretAccessKeyFile: path.join(folder, 's3.secret') },
    });
    expect(readSecret(loaded, path.join(folder, 'db.password'))).toBe('a secret');
    expect(JSON.stringify(loaded)).not.toContain('a secret');
    // The launcher hands the checked configuration on as a file.
    expect(readConfigFile(write('again.json', JSON.stringify(loaded)))).toEqual(loaded);
  });

  it('is reached from an edge by a broker and the bucket, or by host:port', () => {
    write('edge.secret', 'a secret\n');
    const fabric = { kind: 'embedded', kafkaPort: 19_102, restPort: 18_453 };
    const s3 = {
      endpoint: 'https://s3.example',
      bucket: 'missions',
      accessKeyId: 'E',
      secretAccessKeyFile: 'edge.secret',
    };
    const edge = (upstream: unknown) => ({ sites: [{ id: 'alpha', role: 'edge', upstream, fabric }] });
    const loaded = readConfigFile(write('edge.json', JSON.stringify(edge({ kafka: 'kafka.example:9092', s3 }))));
    expect(loaded.sites[0]?.upstream).toMatchObject({
      kafka: 'kafka.example:9092',
      s3: { bucket: 'missions', secretAccessKeyFile: path.join(folder, 'edge.secret') },
    });
    const sasl = { mechanism: 'scram-sha-256', username: 'alpha', passwordFile: 'edge.secret' };
    const secured = { address: 'hq.example:18443', sasl, tls: { serverName: 'hq.inside' } };
    const securely = readConfigFile(write('secured.json', JSON.stringify(edge(secured))));
    expect(securely.sites[0]?.upstream).toEqual({
      ...secured,
      sasl: { ...sasl, passwordFile: path.join(folder, 'edge.secret') },
    });
    expect(parseConfig(edge('hq.example:18443'), 'test').sites[0]?.upstream).toBe('hq.example:18443');
    const several = { kafka: 'kafka-1.example:9092,[::1]:9093', s3 };
    expect(parseConfig(edge(several), 'test').sites[0]?.upstream).toMatchObject({ kafka: several.kafka });
    expect(failure(() => parseConfig(edge({ kafka: 'kafka:9092,', s3 }), 'test')).message).toContain('upstream');
    expect(failure(() => parseConfig(edge({ kafka: 'kafka.example:9092' }), 'test')).message).toContain('upstream');
  });

  it('names a file that is missing or empty, before anything starts', () => {
    write('empty.password', '\n');
    for (const passwordFile of ['none.password', 'empty.password']) {
      const postgres = { url: 'postgresql://fieldline@db.example/missions', passwordFile };
      const error = failure(() => readConfigFile(write('no-secret.json', JSON.stringify(config({ postgres })))));
      expect(error.code).toBe('CONFIG_INVALID');
      expect(error.message).toContain(passwordFile);
    }
  });

  it.each([
    ['no broker', { brokers: [] }, 'fabric.brokers'],
    ['a broker without a port', { brokers: ['kafka'] }, 'host:port'],
    ['a mechanism that is none', { sasl: { ...fabric.sasl, mechanism: 'gssapi' } }, 'sasl.mechanism'],
    ['a password in the file', { sasl: { ...fabric.sasl, password: 'x' } }, 'password'],
    [
      'a password in the address',
      { postgres: { url: 'postgresql://a:b@h/d', passwordFile: 'p' } },
      'the password belongs',
    ],
    ['another address than a database has', { postgres: { url: 'http://h/d', passwordFile: 'p' } }, 'postgresql://'],
    ['a database without a user', { postgres: { host: 'h', database: 'd', passwordFile: 'p' } }, 'user are needed'],
    ['an endpoint that is no address', { s3: { ...fabric.s3, endpoint: 's3.example' } }, 's3.endpoint'],
  ])('says what is wrong with %s', (_name, changes, expected) => {
    const error = failure(() => parseConfig(config(changes), 'test'));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(expected);
  });

  describe('at an edge', () => {
    const own = {
      ...fabric,
      brokers: ['edge-1.example:9092'],
      postgres: { ...fabric.postgres, url: 'postgresql://fieldline@edge.example/missions' },
      s3: { ...fabric.s3, bucket: 'edge' },
      connect: { url: 'http://connect.example:8083' },
    };
    const upstream = { brokers: fabric.brokers, sasl: fabric.sasl, s3: fabric.s3 };
    const hq = { id: 'hq', role: 'hq', fabric };
    const edge = (changes: object = {}, site: object = { upstream }) => ({
      id: 'alpha',
      role: 'edge',
      fabric: { ...own, ...changes },
      ...site,
    });

    it("takes HQ's brokers and bucket from the upstream, or from the HQ beside it", () => {
      const alone = parseConfig({ sites: [edge({ connect: { ...own.connect, secrets: { path: '/s' } } })] }, 'test');
      expect(alone.sites[0]).toMatchObject({
        upstream: { brokers: fabric.brokers, s3: { bucket: 'missions' } },
        fabric: { connect: { secrets: { provider: 'file', path: '/s' } } },
      });
      expect(parseConfig({ sites: [hq, edge({}, {})] }, 'test').sites).toHaveLength(2);
    });

    const embedded = { kind: 'embedded', kafkaPort: 19_102, restPort: 18_453 };
    it.each([
      ['no Connect', [edge({ connect: undefined })], 'needs Kafka Connect'],
      ['no HQ', [edge({}, {})], "needs HQ's brokers and bucket"],
      ['an embedded upstream', [edge({}, { upstream: 'hq:18443' })], 'of an edge on Kafka'],
      ['an embedded HQ', [{ ...hq, fabric: embedded }, edge({}, {})], 'HQ is on none'],
      ["an embedded edge with an upstream of Kafka's", [{ ...edge(), fabric: embedded }], 'of an embedded edge'],
      ['Connect at HQ', [{ ...hq, fabric: { ...fabric, connect: own.connect } }], 'belongs to an edge'],
      ["HQ's brokers", [hq, edge({ brokers: fabric.brokers }, {})], 'another site has the same'],
      ["HQ's database", [hq, edge({ postgres: fabric.postgres }, {})], 'another site has the same'],
      ["HQ's bucket", [hq, edge({ s3: fabric.s3 }, {})], 'another site has the same'],
      ['half of a sign-in', [edge({ connect: { ...own.connect, username: 'u' } })], 'go together'],
    ])('says what is wrong with %s', (_name, sites, expected) => {
      const error = failure(() => parseConfig({ sites }, 'test'));
      expect(error.code).toBe('CONFIG_INVALID');
      expect(error.message).toContain(expected);
    });
  });
});
