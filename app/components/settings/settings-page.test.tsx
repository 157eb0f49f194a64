import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Tooltip } from 'radix-ui';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ConnectionInfo, Job } from '@/lib/api/connections';
import { createQueryClient } from '@/lib/queries/client';
import { SettingsPage } from './settings-page';

const EMBEDDED = { kind: 'embedded' as const, host: '127.0.0.1', kafkaPort: 19_092, restPort: 18_443, managed: true };
const hq = (change: Partial<ConnectionInfo> = {}): ConnectionInfo => ({
  site: 'hq',
  role: 'hq',
  inUse: { source: 'configuration', fabric: EMBEDDED, upstream: null },
  draft: null,
  previous: [],
  kinds: ['embedded', 'kafka', 'datafabric'],
  against: { embedded: null, kafka: null, datafabric: null },
  move: { possible: false, reason: 'Nothing is entered' },
  use: { possible: true, reason: null },
  job: null,
  ...change,
});
const KAFKA = {
  kind: 'kafka' as const,
  brokers: ['kafka.example:9092'],
  postgres: { host: 'db.example', port: 5432, database: 'd', user: 'u', hasPassword: true },
  s3: {
    endpoint: 'https://s3.example',
    region: 'us-east-1',
    bucket: 'missions',
    pathStyle: true,
    accessKeyId: 'AK',
    hasSecretAccessKey: true,
    hasCa: false,
  },
};
const SASL = { mechanism: 'scram-sha-512' as const, username: 'alpha', hasPassword: true };
const DRAFT = { id: 'd1', target: { fabric: KAFKA, upstream: null }, removal: 'made' as const };

const WAIT = { timeout: 20_000 };

let connection: ConnectionInfo;
let sites: unknown[];
let calls: { method: string; path: string; body: unknown }[];
let answers: Record<string, () => Response>;

function show() {
  render(
    <QueryClientProvider client={createQueryClient()}>
      <Tooltip.Provider>
        <SettingsPage />
      </Tooltip.Provider>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

beforeEach(() => {
  connection = hq();
  sites = [];
  calls = [];
  answers = {};
  vi.stubGlobal('fetch', async (path: string, init: RequestInit = {}) => {
    const method = init.method ?? 'GET';
    if (method !== 'GET') calls.push({ method, path, body: init.body ? JSON.parse(init.body as string) : undefined });
    const special = answers[`${method} ${path}`];
    if (special) return special();
    if (path === '/api/connections') return Response.json({ mission: 'missionx', connections: [connection] });
    if (path === '/api/sites') return Response.json({ mission: 'missionx', demo: true, sites });
    return Response.json(connection);
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('the settings page', () => {
  it('says what a site stands on, and what each door answers', async () => {
    answers['POST /api/sites/hq/connection/test'] = () =>
      Response.json({
        ok: false,
        doors: [
          { door: 'streams', title: 'Kafka door', state: 'ok', code: null, reason: null, remedy: null },
          {
            door: 'tables',
            title: 'Tables door',
            state: 'failed',
            code: 'refused',
            reason: 'Nothing listens there',
            remedy: 'Start it',
          },
        ],
      });
    const user = show();
    expect(await screen.findByText('127.0.0.1:19092')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Test now' }));
    const doors = within(await screen.findByRole('list', { name: 'Doors' }));
    expect(doors.getByText('answers')).toBeTruthy();
    expect(doors.getByText('refused')).toBeTruthy();
    expect(doors.getByText('Nothing listens there')).toBeTruthy();
  });

  it('is for administrators', async () => {
    answers['GET /api/connections'] = () =>
      Response.json(
        { type: 'x', title: 'Forbidden', status: 403, detail: 'You may look on', code: 'FORBIDDEN' },
        { status: 403 },
      );
    show();
    expect(await screen.findByText('Only administrators see the settings')).toBeTruthy();
  });

  it('names the fields that are missing, and sends the form once they are there', async () => {
    const user = show();
    await user.click(await screen.findByRole('button', { name: 'Connect elsewhere' }));
    await user.click(screen.getByRole('button', { name: 'Save as draft' }));
    // The schemas are fetched when they are first needed.
    await waitFor(() => expect(screen.getByLabelText('Endpoint').getAttribute('aria-invalid')).toBe('true'), WAIT);
    expect(screen.getByLabelText('Brokers').getAttribute('aria-invalid')).toBe('true');
    expect(screen.getByLabelText('Brokers').parentElement?.textContent).toContain('is needed');
    expect(calls).toEqual([]);
    const group = (name: string) => within(screen.getByRole('group', { name }));
    await user.type(screen.getByLabelText('Brokers'), 'k1:9092, k2:9092');
    const tables = group('Tables: PostgreSQL');
    await user.type(tables.getByLabelText('Host'), 'db.example');
    await user.type(tables.getByLabelText('Database'), 'd');
    await user.type(tables.getByLabelText('User'), 'u');
    await user.type(tables.getByLabelText('Password'), 'secret');
    const volumes = group('Volumes: S3');
    await user.type(volumes.getByLabelText('Endpoint'), 'http://s3.example:7070');
    await user.type(volumes.getByLabelText('Bucket'), 'missions');
    await user.type(volumes.getByLabelText('Access key'), 'AK');
    await user.type(volumes.getByLabelText('Secret key'), 'key');
    await user.click(screen.getByRole('button', { name: 'Save as draft' }));
    await waitFor(() => expect(calls.map(({ method }) => method)).toEqual(['PUT']));
    expect(calls[0]?.body).toMatchObject({
      fabric: {
        kind: 'kafka',
        brokers: ['k1:9092', 'k2:9092'],
        postgres: { host: 'db.example', port: 5432, password: 'secret' },
        s3: { bucket: 'missions', secretAccessKey: 'key' },
      },
    });
  });

  it('shows of a secret that it is kept, and sends none that was not typed', async () => {
    connection = hq({ draft: DRAFT, move: { possible: true, reason: null } });
    const user = show();
    await user.click(await screen.findByRole('button', { name: 'Change' }));
    const password = screen.getByLabelText('Password');
    expect(password.getAttribute('placeholder')).toBe('kept; type to replace');
    await user.click(screen.getByRole('button', { name: 'Save as draft' }));
    await waitFor(() => expect(calls).toHaveLength(1));
    expect(JSON.stringify(calls[0]?.body)).not.toMatch(/password|hasPassword|secretAccessKey/i);
  });

  it('moves only after asking, and removes only after the name was typed', async () => {
    connection = hq({
      draft: DRAFT,
      move: { possible: true, reason: null },
      previous: [
        { id: 'p1', target: { fabric: { ...EMBEDDED, kafkaPort: 19_192 }, upstream: null }, removal: 'named' },
      ],
    });
    const user = show();
    await user.click(await screen.findByRole('button', { name: 'Move hq there' }));
    expect(calls).toEqual([]);
    await user.click(within(screen.getByRole('alertdialog')).getByRole('button', { name: 'Move' }));
    await waitFor(() => expect(calls.map(({ path }) => path)).toEqual(['/api/sites/hq/connection/move']));
    await user.click(within(screen.getByRole('region', { name: 'Before' })).getByRole('button', { name: 'Remove' }));
    const dialog = within(screen.getByRole('alertdialog'));
    expect(dialog.getByRole('region', { name: 'Where' }).textContent).toContain('127.0.0.1:19192');
    expect(dialog.getByText(/not written down: everything that has the names of this mission goes/)).toBeTruthy();
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    expect(calls).toHaveLength(1);
    await user.type(dialog.getByRole('textbox'), 'missionx');
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(calls.at(-1)?.body).toEqual({ id: 'p1', confirm: 'missionx' }));
  });

  it('lets a site go that stands on something that does not answer: nothing can be taken along from there', async () => {
    const reason = 'streams: Kafka can not be reached';
    sites = [{ id: 'hq', fabric: { state: 'unavailable', reason, since: '2026-11-27T10:00:00.000Z' } }];
    connection = hq({ draft: DRAFT, move: { possible: true, reason: null } });
    const user = show();
    await screen.findByText(reason);
    await user.click(screen.getByRole('button', { name: 'Move hq there' }));
    expect(screen.queryByRole('alertdialog')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Put to use' }));
    const dialog = within(screen.getByRole('alertdialog'));
    expect(dialog.getByText(/taking nothing along/)).toBeTruthy();
    await user.click(dialog.getByRole('button', { name: 'Put to use' }));
    await waitFor(() => expect(calls.map(({ path }) => path)).toEqual(['/api/sites/hq/connection/use']));
  });

  it('enters again what a site stood on before, where nothing else is entered', async () => {
    const previous = [DRAFT];
    connection = hq({ draft: { ...DRAFT, id: 'd2' }, previous });
    const user = show();
    const again = () =>
      within(screen.getByRole('region', { name: 'Before' })).getByRole('button', { name: 'Enter again' });
    await screen.findByRole('region', { name: 'New connection' });
    await user.click(again());
    expect(calls).toEqual([]);
    answers['DELETE /api/sites/hq/connection'] = () => Response.json(hq({ previous }));
    await user.click(screen.getByRole('button', { name: 'Discard' }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'New connection' })).toBeNull());
    answers['POST /api/sites/hq/connection/redraft'] = () =>
      Response.json(hq({ draft: { ...DRAFT, id: 'd3' }, previous }));
    await user.click(again());
    await screen.findByRole('region', { name: 'New connection' });
    expect(calls.at(-1)).toMatchObject({ path: '/api/sites/hq/connection/redraft', body: { id: 'd1' } });
  });

  describe('of an edge', () => {
    const edge = (upstream: ConnectionInfo['inUse']['upstream']) =>
      hq({ site: 'alpha', role: 'edge', inUse: { source: 'configuration', fabric: EMBEDDED, upstream } });
    const save = () => screen.getByRole('button', { name: 'Save as draft' });

    it('keeps how it dials HQ when something else of it is changed', async () => {
      connection = edge({ address: 'hq.example:18443', tls: { hasCa: true }, sasl: SASL });
      const user = show();
      expect(await screen.findByText('hq.example:18443')).toBeTruthy();
      await user.click(screen.getByRole('button', { name: 'Change connection' }));
      await user.click(save());
      await waitFor(() => expect(calls).toHaveLength(1), WAIT);
      const { hasPassword: _kept, ...sasl } = SASL;
      expect(calls[0]?.body).toMatchObject({ upstream: { address: 'hq.example:18443', tls: {}, sasl } });
      expect(JSON.stringify(calls[0]?.body)).not.toMatch(/hasCa|hasPassword/);
    });

    it('says what stands against a kind, and why a draft can not be put to use', async () => {
      const reason = 'The link of a site on Kafka is MirrorMaker 2, and HQ is on none: move HQ to Kafka first';
      connection = {
        ...edge(null),
        against: { embedded: null, kafka: reason, datafabric: null },
        draft: DRAFT,
        use: { possible: false, reason },
      };
      const user = show();
      const use = await screen.findByRole('button', { name: 'Put to use' });
      expect(use.getAttribute('aria-disabled')).toBe('true');
      expect(screen.getAllByText(reason).length).toBeGreaterThan(0);
      await user.click(screen.getByRole('button', { name: 'Change' }));
      expect(screen.getByText(`${reason}.`)).toBeTruthy();
      await user.click(screen.getByRole('radio', { name: /^Embedded/ }));
      expect(screen.queryByText(`${reason}.`)).toBeNull();
    });

    it('takes Kafka, PostgreSQL and S3 of its own, and the Kafka Connect that links it', async () => {
      connection = edge(null);
      const user = show();
      await user.click(await screen.findByRole('button', { name: 'Change connection' }));
      await user.click(screen.getByRole('radio', { name: /^Kafka, PostgreSQL and S3/ }));
      const group = (name: string) => within(screen.getByRole('group', { name }));
      await user.type(group('Streams: Apache Kafka').getByLabelText('Brokers'), 'k1:9092');
      for (const [label, text] of Object.entries({ Host: 'db.example', Database: 'd', User: 'u', Password: 'secret' }))
        await user.type(group('Tables: PostgreSQL').getByLabelText(label), text);
      for (const [label, text] of Object.entries({
        Endpoint: 'http://s3.example:7070',
        Bucket: 'field',
        'Access key': 'AK',
        'Secret key': 'key',
      }))
        await user.type(group('Volumes: S3').getByLabelText(label), text);
      const link = group('Link: Kafka Connect');
      await user.type(link.getByLabelText('Address'), 'http://connect.example:8083');
      await user.type(link.getByLabelText('Passwords file on the workers'), '/etc/passwords');
      await user.click(save());
      await waitFor(() => expect(calls).toHaveLength(1), WAIT);
      expect(calls[0]?.body).toMatchObject({
        fabric: {
          kind: 'kafka',
          brokers: ['k1:9092'],
          connect: { url: 'http://connect.example:8083', secrets: { path: '/etc/passwords' } },
        },
      });
    });

    it('lets go of the passwords file of its Kafka Connect', async () => {
      const secrets = { path: '/etc/passwords', provider: 'file' };
      const fabric = { ...KAFKA, connect: { url: 'http://connect.example:8083', hasPassword: false, secrets } };
      connection = { ...edge(null), draft: { ...DRAFT, target: { fabric, upstream: null } } };
      const user = show();
      await user.click(await screen.findByRole('button', { name: 'Change' }));
      await user.clear(screen.getByLabelText('Passwords file on the workers'));
      await user.click(save());
      await waitFor(() => expect(calls).toHaveLength(1), WAIT);
      expect(calls[0]?.body).toMatchObject({ fabric: { connect: { url: 'http://connect.example:8083' } } });
      expect(JSON.stringify(calls[0]?.body)).not.toContain('secrets');
    });

    it('takes gateways as people write them, commas taken back too', async () => {
      connection = edge(null);
      const user = show();
      await user.click(await screen.findByRole('button', { name: 'Change connection' }));
      await user.click(screen.getByRole('radio', { name: /^HPE Data Fabric/ }));
      const cluster = within(screen.getByRole('group', { name: 'Cluster' }));
      await user.type(cluster.getByLabelText('Name of the cluster'), 'field.example');
      for (const label of ['Host', 'User', 'Password']) await user.type(cluster.getByLabelText(label), 'node');
      const hqs = within(screen.getByRole('group', { name: 'HQ’s cluster' }));
      await user.type(hqs.getByLabelText('Name of the cluster'), 'core.example');
      await user.type(hqs.getByLabelText('Gateways'), 'gw1, gw2,');
      await user.type(hqs.getByLabelText('Gateways'), '{Backspace}{Backspace}3, ');
      await user.click(save());
      await waitFor(() => expect(calls).toHaveLength(1), WAIT);
      expect(calls[0]?.body).toMatchObject({ fabric: { upstream: { gateways: ['gw1', 'gw3'] } } });
    });

    it('takes an HQ on Kafka and S3 with credentials and TLS, and names what is missing', async () => {
      connection = edge(null);
      const user = show();
      await user.click(await screen.findByRole('button', { name: 'Change connection' }));
      await user.click(screen.getByRole('radio', { name: /^On Kafka and S3/ }));
      const brokers = screen.getByLabelText('Brokers');
      await user.type(brokers, 'k1.example:9093, k2.example:9093');
      const kafka = within(screen.getByRole('group', { name: 'HQ’s Kafka' }));
      await user.click(kafka.getByLabelText('TLS to the brokers'));
      await user.type(kafka.getByLabelText('Name in the certificate'), 'kafka.example');
      await user.click(kafka.getByLabelText('Sign in (SASL)'));
      await user.type(kafka.getByLabelText('User'), 'alpha');
      await user.type(kafka.getByLabelText('Password'), 'secret');
      const bucket = within(screen.getByRole('group', { name: 'HQ’s S3 bucket' }));
      await user.click(save());
      await waitFor(() => expect(bucket.getByLabelText('Endpoint').getAttribute('aria-invalid')).toBe('true'), WAIT);
      expect(calls).toEqual([]);
      await user.type(bucket.getByLabelText('Endpoint'), 'https://s3.example');
      await user.type(bucket.getByLabelText('Bucket'), 'missions');
      await user.type(bucket.getByLabelText('Access key'), 'AK');
      await user.type(bucket.getByLabelText('Secret key'), 'key');
      await user.click(save());
      await waitFor(() => expect(calls).toHaveLength(1), WAIT);
      expect(calls[0]?.body).toMatchObject({
        fabric: { kind: 'embedded', kafkaPort: EMBEDDED.kafkaPort },
        upstream: {
          kafka: 'k1.example:9093,k2.example:9093',
          tls: { serverName: 'kafka.example' },
          sasl: { mechanism: 'scram-sha-512', username: 'alpha', password: 'secret' },
          s3: { endpoint: 'https://s3.example', bucket: 'missions', accessKeyId: 'AK', secretAccessKey: 'key' },
        },
      });
    });
  });

  it('shows a job step by step, and what failed with what to do', async () => {
    const job: Job = {
      id: 'j',
      site: 'hq',
      kind: 'prepare',
      state: 'failed',
      startedAt: '2026-11-26T20:00:00.000Z',
      finishedAt: '2026-11-26T20:00:01.000Z',
      steps: [
        { title: 'Topic a', state: 'skipped', detail: 'exists', error: null },
        { title: 'Topic b', state: 'done', detail: null, error: null },
        {
          title: 'Table c',
          state: 'failed',
          detail: null,
          error: { code: 'AUTH_FAILED', message: 'PostgreSQL refused', remedy: 'Check the user' },
        },
        { title: 'Volume d', state: 'waiting', detail: null, error: null },
      ],
    };
    connection = hq({ draft: DRAFT, job });
    show();
    const steps = within(await screen.findByRole('region', { name: 'Prepare: steps' }));
    expect(steps.getByText(/2 of 4 steps, 1 skipped/)).toBeTruthy();
    expect(steps.getByText('PostgreSQL refused')).toBeTruthy();
    expect(steps.getByText('Check the user')).toBeTruthy();
    expect(steps.getAllByRole('listitem').map((item) => item.getAttribute('data-state'))).toEqual([
      'skipped',
      'done',
      'failed',
      'waiting',
    ]);
  });
});
