/** A real Prometheus scrapes the product at work, with a token as docs/operations.md says: every panel of the dashboards has data, every rule holds. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp, buildPrograms } from '../scripts/lib/build.mjs';
import { Prometheus, provisioned } from '../scripts/prometheus/server';
import { Installation, until } from './support/installation';

const root = path.resolve(import.meta.dirname, '..');
const ADMIN = { name: 'anna', password: 'four unrelated words here' };
const JSON_HEADERS = { 'content-type': 'application/json', 'x-fieldline-csrf': '1' };
const WAIT = { timeout: 90_000, interval: 1000 };

describe.skipIf(provisioned === null)('the running product', () => {
  let installation: Installation;
  let prometheus: Prometheus;
  let cookie = '';

  async function call<T>(at: string, body?: unknown): Promise<T> {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${installation.url}${at}`, { ...init, headers: { ...JSON_HEADERS, cookie } });
    if (!answer.ok) throw new Error(`${at}: ${answer.status} ${await answer.text()}`);
    cookie ||= answer.headers.get('set-cookie')?.split(';')[0] ?? '';
    return (await answer.json()) as T;
  }
  const assets = async (status: string) =>
    (await call<{ assets: { id: string }[] }>(`/api/sites/alpha/assets?status=${status}`)).assets;

  beforeAll(async () => {
    await buildPrograms(root);
    await buildApp(root);
    installation = await Installation.start({
      sites: ['hq', 'alpha'],
      feeds: [{ id: 'sample', kind: 'json', url: 'app:/sample/feed.json', intervalSeconds: 5 }],
      config: { access: { mode: 'on' } },
    });
    const token = readFileSync(path.join(installation.directory, 'data/access/setup-token'), 'utf8').trim();
    const signUp = { token, ...ADMIN };
    await fetch(`${installation.url}/api/set-up`, {
      method: 'POST',
      body: JSON.stringify(signUp),
      headers: JSON_HEADERS,
    });
    await call('/api/session', ADMIN);
    const machine = { name: 'prometheus', scopes: ['metrics'], expiresInDays: 1 };
    const made = await call<{ token: string }>('/api/access/tokens', machine);
    prometheus = await Prometheus.start(`127.0.0.1:${installation.appPort}`, made.token);
  }, 400_000);
  afterAll(async () => {
    prometheus?.stop();
    await installation?.stop();
  });

  it('is read with a token of the scope metrics, and by nobody else', async () => {
    await expect.poll(() => prometheus.targets(), WAIT).toMatchObject([{ health: 'up', lastError: '' }]);
    expect((await fetch(`${installation.url}/metrics`)).status).toBe(401);
  });

  it('answers every query of the three dashboards, once an asset has gone the whole way', async () => {
    await until('alpha lists assets', async () => (await assets('available')).length > 0);
    const [asset] = await assets('available');
    await call('/api/sites/alpha/requests', { assetIds: [asset!.id] });
    await until('HQ has staged it', async () => (await assets('ready')).length === 1);
    await call('/api/sites/alpha/mirror', {});
    await until('it is delivered', async () => (await assets('delivered')).length === 1);
    await expect.poll(() => prometheus.emptyPanels(), WAIT).toEqual([]);
  }, 240_000);

  it('has rules that can all be evaluated, and none that fires while it is well', async () => {
    const { groups } = await prometheus.api<{ groups: { rules: { name: string; health: string }[] }[] }>('rules');
    const rules = groups.flatMap((group) => group.rules);
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    // The disk is this machine's.
    expect(await prometheus.query('ALERTS{alertstate="firing",alertname!~"FieldlineDisk.*"}')).toEqual([]);
  });
});
