/**
 * A real Prometheus scrapes a whole mission (on fabrics in memory, which say of themselves what an embedded one does): its metrics parse, the alerts load and behave, and every query of an alert or a dashboard finds
 * the metrics that it asks for.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { OPERATIONS } from '@/lib/api/operations';
import { TABLES, VOLUMES } from '@/lib/domain/naming';
import type { FabricFigures } from '@/lib/ports';
import { ALERTS, type Dashboard, dashboards, Prometheus, promtool, provisioned } from '../scripts/prometheus/server';
import { renderMetrics } from './operations/metrics';
import { createRequests } from './operations/requests';
import { EdgeAssetRow, HqRequestRow } from './rows';
import { observeCall } from './telemetry/calls';
import { createMissionFabrics, type MissionProcess } from './testing/memory-runtime';
import { entry, sampleFeed, sampleItem } from './testing/samples';

const ROOT = path.resolve(import.meta.dirname, '..');
const WAIT = { timeout: 50_000, interval: 200 };
const alerts = (
  parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups.flatMap(({ rules }) => rules);

describe.skipIf(provisioned === null)('Prometheus', () => {
  let mission: MissionProcess;
  let metrics: Server;
  let prometheus: Prometheus;

  const query = (expr: string) => prometheus.query(expr);

  const portsOf = (site: string) => mission.runtime.sites.get(site)!.ports;
  async function rowOf(name: string): Promise<EdgeAssetRow | undefined> {
    const rows = await portsOf('alpha')
      .tables.find(TABLES.assets)
      .catch(() => []);
    return rows.map((row) => EdgeAssetRow.parse(row)).find((row) => row.asset.sourceId === name);
  }
  const requests = async () =>
    (await portsOf('hq').tables.find(TABLES.requests)).map((row) => HqRequestRow.parse(row).status);

  beforeAll(async () => {
    const feed = sampleFeed('test', () => ['one', 'two'].map((name) => entry(sampleItem(name))));
    mission = createMissionFabrics().run({ feeds: [feed] });
    for (const { ports } of mission.runtime.sites.values()) ports.figures = { read: async () => figures() };
    metrics = createServer(async (request, response) => {
      const { contentType, text } = await renderMetrics(mission.runtime, request.headers.accept ?? null);
      response.writeHead(200, { 'content-type': contentType }).end(text);
    });
    await new Promise<void>((resolve) => metrics.listen(0, '127.0.0.1', resolve));
    prometheus = await Prometheus.start(`127.0.0.1:${(metrics.address() as AddressInfo).port}`);
    // A whole mission, so that there is something to tell.
    await vi.waitFor(async () => expect(await (async () => (await rowOf('one'))?.status)()).toBe('available'), WAIT);
    const { _id } = (await rowOf('one'))!;
    const call = { id: 'createRequests', operation: OPERATIONS.createRequests, tracer: null } as const;
    const request = new Request('http://127.0.0.1/', { method: 'POST' });
    await observeCall({ ...call, request }, async () =>
      Response.json(await createRequests(mission.runtime, 'alpha', [_id])),
    );
    await vi.waitFor(async () => expect(await (async () => (await rowOf('one'))?.status)()).toBe('ready'), WAIT);
    await portsOf('alpha').volumes.startMirror(VOLUMES.inbound);
    await vi.waitFor(async () => expect(await requests()).toEqual(['received']), WAIT);
  });
  afterAll(async () => {
    prometheus?.stop();
    metrics?.closeAllConnections();
    metrics?.close();
    await mission?.runtime.stop();
  });

  it('takes the metrics without a complaint, in both forms', async () => {
    await expect.poll(() => prometheus.targets(), WAIT).toMatchObject([{ health: 'up', lastError: '' }]);
    const { text } = await renderMetrics(mission.runtime, 'text/plain');
    // What prom-client's own process metrics are called is not ours to change.
    const ours = text.split('\n').filter((line) => /^(# (HELP|TYPE) )?fieldline_/.test(line));
    promtool(['check', 'metrics'], `${ours.join('\n')}\n`);
  });

  it('knows the rules, each of which fires when it should and not otherwise', async () => {
    promtool(['check', 'rules', ALERTS]);
    promtool(['test', 'rules', path.join(ROOT, 'scripts/prometheus/rules.test.yaml')]);
    const tested = readFileSync(path.join(ROOT, 'scripts/prometheus/rules.test.yaml'), 'utf8');
    expect(alerts.filter(({ alert }) => !new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:\\n`).test(tested))).toEqual(
      [],
    );
    const loaded = await prometheus.api<{ groups: { rules: { name: string; health: string }[] }[] }>('rules');
    await expect
      .poll(async () => {
        const { groups } = await prometheus.api<typeof loaded>('rules');
        return groups.flatMap(({ rules }) => rules).filter(({ health }) => health !== 'ok');
      }, WAIT)
      .toEqual([]);
  });

  it('finds every metric that a rule or a dashboard names', async () => {
    const known = new Set(await prometheus.api<string[]>('label/__name__/values'));
    const named = [...alerts.map(({ expr }) => expr), ...dashboards.flatMap(expressionsOf)].flatMap(
      (expr) => expr.match(/\b(fieldline|process)_[a-z_]+\b/g) ?? [],
    );
    // This mission has no certificates (operations/metrics has a test with one).
    const absent = new Set(['fieldline_certificate_expiry_timestamp_seconds']);
    expect([...new Set(named)].filter((name) => !known.has(name) && !absent.has(name))).toEqual([]);
  });

  it('answers every panel of the dashboards with data', async () => {
    // Rates need a second reading.
    await expect.poll(() => prometheus.emptyPanels(), WAIT).toEqual([]);
  });

  it('has no alert of a mission that is well', async () => {
    // Pending is not firing: one scrape that a busy machine delays is what an alert's own patience is for.
    const firing = () => query('ALERTS{alertstate="firing",alertname!~"FieldlineDisk.*"}');
    expect(await firing()).toEqual([]);
    // And what was pending goes away by itself.
    await expect.poll(() => query('ALERTS{alertname!~"FieldlineDisk.*"}'), WAIT).toEqual([]);
  });

  it('gets dashboards that nobody can change by hand, and variables that it can answer', () => {
    for (const { editable, templating, panels } of dashboards) {
      expect(editable).toBe(false);
      const names = templating.list.map(({ name }) => name);
      const used = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr.match(/\$(\w+)/g) ?? []));
      expect([...new Set(used)].filter((name) => !names.includes(name.slice(1)))).toEqual([]);
    }
  });
});

const startedAt = Date.now();
/** As an embedded fabric tells them: what counts goes up. */
function figures(): FabricFigures {
  const up = Math.round((Date.now() - startedAt) / 10);
  const api = (name: string) => ({ name, requests: up, bytesIn: up * 100, bytesOut: up * 200 });
  return {
    startedAt,
    disk: { freeBytes: 6e11, sizeBytes: 1e12 },
    process: { residentBytes: 8e7, cpuSeconds: up / 1000 },
    kafka: { connections: 3, apis: ['Produce', 'Fetch', 'Metadata'].map(api) },
    topics: { topics: 8, partitions: 8, bytes: up * 100 },
    volumes: [{ name: 'missionx.assets', files: 2, bytes: 2000 }],
  };
}

const expressionsOf = ({ panels, templating }: Dashboard) => [
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...templating.list.flatMap(({ definition }) => (definition ? [definition] : [])),
];
