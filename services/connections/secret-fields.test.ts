import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SecretStore } from '@/lib/secrets';
import { storeSecrets, withoutSecrets } from './secret-fields';

let store: SecretStore;
beforeEach(() => {
  const directory = mkdtempSync(path.join(tmpdir(), 'fieldline-fields-'));
  store = new SecretStore({ directory, keyFile: path.join(directory, 'key'), generateKey: true });
});

const postgres = { host: 'db.example', port: 5432, database: 'd', user: 'u' };
const entered = {
  kind: 'kafka',
  brokers: ['k:9092'],
  sasl: { mechanism: 'plain', username: 'u', password: 'kafka secret' },
  postgres: { ...postgres, password: 'db secret', tls: {} },
  s3: { endpoint: 'https://s3', accessKeyId: 'A', secretAccessKey: 's3 secret', ca: 'PEM' },
};

describe('secrets of a connection', () => {
  it('go into the store, named by where they stand, and are not shown', async () => {
    const kept = await storeSecrets(entered, undefined, store, 'hq.a1');
    expect(JSON.stringify(kept)).not.toMatch(/(kafka|db|s3) secret/);
    expect(kept).toMatchObject({
      sasl: { username: 'u', passwordFile: store.fileOf('hq.a1.sasl.password') },
      postgres: { ...postgres, passwordFile: store.fileOf('hq.a1.postgres.password') },
      s3: { secretAccessKeyFile: store.fileOf('hq.a1.s3.secretAccessKey'), caFile: store.fileOf('hq.a1.s3.ca') },
    });
    expect(store.get('hq.a1.postgres.password')).toBe('db secret');
    expect(withoutSecrets(kept)).toEqual({
      kind: 'kafka',
      brokers: ['k:9092'],
      sasl: { mechanism: 'plain', username: 'u', hasPassword: true },
      postgres: { ...postgres, hasPassword: true, tls: { hasCa: false } },
      s3: { endpoint: 'https://s3', accessKeyId: 'A', hasSecretAccessKey: true, hasCa: true },
    });
  });

  it('stay as they are when they are left out, and not for another address', async () => {
    const before = await storeSecrets(entered, undefined, store, 'hq.a1');
    const { password: _one, ...sasl } = entered.sasl;
    const { password: _two, ...database } = entered.postgres;
    const { secretAccessKey: _three, ca: _four, ...s3 } = entered.s3;
    const again = { ...entered, sasl, postgres: database, s3 };
    expect(await storeSecrets(again, before, store, 'hq.b2')).toEqual(before);
    const elsewhere = { ...again, postgres: { ...database, host: 'other.example' } };
    await expect(storeSecrets(elsewhere, before, store, 'hq.c3')).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      message: expect.stringMatching(/^postgres.password: type it again/),
    });
    const anotherBroker = { ...again, brokers: ['elsewhere:9092'] };
    await expect(storeSecrets(anotherBroker, before, store, 'hq.d4')).rejects.toThrow(/sasl.password: type it again/);
    await expect(storeSecrets(again, undefined, store, 'hq.e5')).rejects.toThrow(/password: is needed/);
  });

  it('of an authority can be taken back', async () => {
    const before = await storeSecrets(entered, undefined, store, 'hq.a1');
    const after = await storeSecrets({ ...entered, s3: { ...entered.s3, ca: null } }, before, store, 'hq.b2');
    expect(after).not.toHaveProperty('s3.caFile');
  });

  it('towards HQ are kept for the address that is dialled, and shown as the others', async () => {
    const hq = { address: 'hq.example:18443', tls: { ca: 'PEM', serverName: 'hq' }, sasl: entered.sasl };
    const kept = await storeSecrets(hq, undefined, store, 'alpha.a1', ['upstream']);
    expect(store.get('alpha.a1.upstream.sasl.password')).toBe('kafka secret');
    expect(withoutSecrets(kept)).toEqual({
      address: hq.address,
      tls: { serverName: 'hq', hasCa: true },
      sasl: { mechanism: 'plain', username: 'u', hasPassword: true },
    });
    expect(withoutSecrets({ tls: { serverName: 'hq' } })).toEqual({ tls: { serverName: 'hq', hasCa: false } });
    const { password: _left, ...sasl } = entered.sasl;
    expect(await storeSecrets({ ...hq, tls: {}, sasl }, kept, store, 'alpha.b2', ['upstream'])).toMatchObject({
      sasl: { passwordFile: store.fileOf('alpha.a1.upstream.sasl.password') },
    });
    await expect(
      storeSecrets({ ...hq, sasl, address: 'other.example:1' }, kept, store, 'alpha.c3', ['upstream']),
    ).rejects.toThrow(/^upstream.sasl.password: type it again/);
  });
});
