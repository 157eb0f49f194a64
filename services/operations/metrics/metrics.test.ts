import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OPERATIONS } from '@/lib/api/operations';
import { makeAuthority, makeServerCertificate } from '@/lib/certificates';
import { observeCall } from '../../telemetry/calls';
import { createMemoryMission, type MemoryMission } from '../../testing/memory-mission';
import { renderMetrics } from '.';

/** As Prometheus asks. */
const OPENMETRICS = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

let mission: MemoryMission;
beforeEach(async () => {
  mission = await createMemoryMission();
});
afterEach(() => mission.stop());

/** Kinds of garbage collection and of active resources come as they happen. */
const lasting = (names: Iterable<string>) => [...names].filter((name) => !name.startsWith('nodejs_')).sort();

/** Samples by name and labels; every line of the text must be one that OpenMetrics knows. */
async function scrape(): Promise<Map<string, number>> {
  const { contentType, text } = await renderMetrics(mission.runtime, OPENMETRICS);
  expect(contentType).toContain('application/openmetrics-text');
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  const samples = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    if (/^# (HELP|TYPE|EOF)/.test(line)) continue;
    const match = /^([a-zA-Z_][a-zA-Z0-9_]*(?:\{[^}]*\})?) (\S+)( \d+)?$/.exec(line);
    expect(match, line).not.toBeNull();
    samples.set(match![1]!, Number(match![2]));
  }
  return samples;
}

test('services, link, mirror and process are there, and twice gives the same', async () => {
  await expect.poll(() => mission.runtime.sites.get('hq')?.supervisor.get('downloader')?.state).toBe('running');
  const samples = await scrape();
  const downloader = 'site="hq",service="downloader"';
  expect(samples.get(`fieldline_service_processed_total{${downloader}}`)).toBe(0);
  expect(samples.get(`fieldline_service_state{${downloader},state="running"}`)).toBe(1);
  expect(samples.get(`fieldline_service_state{${downloader},state="faulted"}`)).toBe(0);
  expect(samples.get('fieldline_link_state{site="alpha",direction="inbound",state="up"}')).toBe(1);
  expect(samples.get('fieldline_link_records_total{site="alpha",direction="inbound"}')).toBe(0);
  expect(samples.get('fieldline_mirror_state{site="alpha",state="idle"}')).toBe(1);
  expect(samples.get('fieldline_fabric_state{site="hq",state="ok"}')).toBe(1);
  expect([...samples.keys()].some((name) => name.startsWith('process_resident_memory_bytes'))).toBe(true);
  expect(lasting((await scrape()).keys())).toEqual(lasting(samples.keys()));
});

test('a fabric that is down is said to be, and tells nothing of its link', async () => {
  mission.alpha.setHealth('unavailable');
  const samples = await scrape();
  expect(samples.get('fieldline_fabric_state{site="alpha",state="unavailable"}')).toBe(1);
  expect([...samples.keys()].filter((name) => name.startsWith('fieldline_link_state'))).toEqual([]);
});

test('both forms tell the same under the same names', async () => {
  const open = await scrape();
  const { contentType, text } = await renderMetrics(mission.runtime, 'text/plain');
  expect(contentType).toContain('version=0.0.4');
  expect(text).not.toContain('# EOF');
  expect(text).toContain('# TYPE fieldline_service_processed_total counter');
  const names = text
    .split('\n')
    .flatMap((line) => (line === '' || line.startsWith('#') ? [] : [line.replace(/ \S+$/, '')]));
  expect(lasting(names)).toEqual(lasting(open.keys()));
});

test('a fabric that hangs costs the scrape a bounded time, and only its own figures', async () => {
  const site = mission.runtime.sites.get('alpha')!;
  site.ports.links!.status = () => new Promise(() => undefined);
  const samples = await scrape();
  expect(samples.get('fieldline_mirror_state{site="alpha",state="idle"}')).toBe(1);
  expect([...samples.keys()].filter((name) => name.startsWith('fieldline_link_state'))).toEqual([]);
});

test('has a bounded number of series, whatever is asked of the API and whatever assets there are', async () => {
  const before = lasting((await scrape()).keys()).length;
  for (let n = 0; n < 50; n++) {
    await mission.addEdgeAsset(`asset-${n}`);
    const request = new Request(`http://127.0.0.1/api/sites/alpha/assets/asset-${n}`);
    const call = { id: 'getAsset', operation: OPERATIONS.getAsset, request, tracer: null } as const;
    await observeCall(call, async () => new Response(null, { status: n % 2 ? 200 : 404 }));
  }
  const samples = await scrape();
  const added = [...samples.keys()].filter((name) => name.startsWith('fieldline_http_'));
  expect(lasting(samples.keys()).length - before).toBeLessThanOrEqual(added.length);
  expect(added.length).toBeLessThan(20);
  expect(samples.get('fieldline_http_requests_total{operation="getAsset",method="GET",status="404"}')).toBe(25);
  expect([...samples.keys()].filter((name) => name.includes('asset-1'))).toEqual([]);
});

test('certificates that the configuration names tell when they end', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'fieldline-certificate-'));
  const file = path.join(directory, 'door.pem');
  const subject = ['-subj', '/CN=hq.example', '-days', '30'];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', path.join(directory, 'door.key')];
  execFileSync('openssl', ['req', '-x509', ...key, ...subject, '-out', file], { stdio: 'ignore' });
  const fabric = { ...mission.runtime.config.sites[0]!.fabric, tls: { certFile: file } };
  mission.runtime.config.sites[0] = { ...mission.runtime.config.sites[0]!, fabric } as never;
  const samples = await scrape();
  rmSync(directory, { recursive: true });
  const ends = samples.get('fieldline_certificate_expiry_timestamp_seconds{site="hq",setting="fabric.tls.certFile"}')!;
  expect(Math.round((ends * 1000 - Date.now()) / 86_400_000)).toBe(30);
});

test('so does the one that a start made for the doors', async () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-certificate-'));
  const [site] = mission.runtime.config.sites;
  const fabric = {
    kind: 'embedded',
    host: '127.0.0.1',
    kafkaPort: 1,
    restPort: 2,
    managed: true,
    access: 'credentials',
  };
  Object.assign(mission.runtime.config, { dataDir, sites: [{ ...site, fabric }] });
  mkdirSync(path.join(dataDir, 'keys/hq'), { recursive: true });
  const authority = await makeAuthority('Fieldline of hq');
  const { certificate } = await makeServerCertificate(authority, ['localhost']);
  writeFileSync(path.join(dataDir, 'keys/hq/door.pem'), certificate);
  const samples = await scrape();
  rmSync(dataDir, { recursive: true });
  const ends = samples.get('fieldline_certificate_expiry_timestamp_seconds{site="hq",setting="door.pem"}')!;
  expect(Math.round((ends * 1000 - Date.now()) / 86_400_000)).toBe(2 * 365);
});
