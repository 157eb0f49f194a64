import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMemoryMission, type MemoryMission } from '../testing/memory-mission';
import { renderMetrics } from './metrics';

let mission: MemoryMission;
beforeEach(async () => {
  mission = await createMemoryMission();
});
afterEach(() => mission.stop());

/** Samples by name and labels; every line of the text must be one that OpenMetrics knows. */
async function scrape(): Promise<Map<string, number>> {
  const { contentType, text } = await renderMetrics(mission.runtime);
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
  expect([...(await scrape()).keys()].sort()).toEqual([...samples.keys()].sort());
});

test('a fabric that is down is said to be, and tells nothing of its link', async () => {
  mission.alpha.setHealth('unavailable');
  const samples = await scrape();
  expect(samples.get('fieldline_fabric_state{site="alpha",state="unavailable"}')).toBe(1);
  expect([...samples.keys()].filter((name) => name.startsWith('fieldline_link_state'))).toEqual([]);
});
