/** What the pictures of dashboards say: variables, names, units, colours; and that our dashboards have nothing that is not known here. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDashboard } from './read.mjs';
import { align, legendOf, overridesOf, parseDuration, thresholdColour } from './series.mjs';
import { formatValue } from './units.mjs';
import { builtIn, fillIn, parseLabelValues, variableValue } from './variables.mjs';

const FOLDER = path.resolve(import.meta.dirname, '../../helm/fieldline/files/monitoring/dashboards');

describe('a unit', () => {
  it.each([
    [0, 'short', '0'],
    [1234, 'short', '1.23 K'],
    [2_500_000, 'short', '2.5 Mil'],
    [1536, 'bytes', '1.5 KiB'],
    [120 * 2 ** 20, 'bytes', '120 MiB'],
    [1500, 'Bps', '1.5 kB/s'],
    [0.25, 'cps', '0.25 c/s'],
    [0.955, 'percentunit', '95.5%'],
    [0.0042, 's', '4.2 ms'],
    [90, 's', '1.5 min'],
    [-3600, 's', '-1 h'],
    [Number.POSITIVE_INFINITY, 'bytes', 'Infinity'],
  ])('writes %d %s as %s', (value, unit, text) => expect(formatValue(value, unit)).toBe(text));

  it('that is not known is refused, not shown as something else', () =>
    expect(() => formatValue(1, 'furlongs')).toThrow('"furlongs" is not known'));
});

describe('a variable', () => {
  const site = { name: 'site', allValue: '.*', current: { value: '$__all' } };
  it('is asked of Prometheus', () => {
    expect(parseLabelValues('label_values(up{a=~"b, c"}, site)')).toEqual({ selector: 'up{a=~"b, c"}', label: 'site' });
    expect(parseLabelValues('label_values(job)')).toEqual({ selector: null, label: 'job' });
    expect(() => parseLabelValues('metrics(up)')).toThrow('only label_values');
  });
  it('is all, one, or several, taken literally', () => {
    expect(variableValue(site, undefined, ['hq', 'alpha'])).toBe('.*');
    expect(variableValue({ ...site, allValue: undefined }, undefined, ['hq', 'alpha'])).toBe('(hq|alpha)');
    expect(variableValue(site, ['a.b'], ['a.b'])).toBe('a\\\\.b');
    expect(variableValue(site, ['hq', 'alpha'], ['hq', 'alpha'])).toBe('(hq|alpha)');
    expect(() => variableValue(site, ['moon'], ['hq'])).toThrow('site can not be moon; there is hq');
  });
  it('is filled in wherever it is named, and longer names are others', () => {
    const variables = { site: '.*', ...builtIn({ stepSeconds: 5, scrapeSeconds: 15, rangeSeconds: 600 }) };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is how a dashboard may write a variable
    expect(fillIn('x{a=~"$site", b="${site}"}[$__rate_interval] $sites', variables)).toBe(
      'x{a=~".*", b=".*"}[60s] $sites',
    );
  });
});

it('names a series by its labels', () => {
  const metric = { __name__: 'up', site: 'hq', job: 'x' };
  expect(legendOf(metric, '{{site}} {{ none }}at {{job}}')).toBe('hq at x');
  expect(legendOf(metric, '')).toBe('up{site="hq", job="x"}');
  expect(legendOf({ __name__: 'up' })).toBe('up');
});

it('colours a value by the last step that it reaches, and by what is fixed for its name', () => {
  const steps = [
    { color: 'red', value: null },
    { color: 'yellow', value: 0.1 },
    { color: 'green', value: 0.2 },
  ];
  expect([-1, 0.1, 0.3].map((value) => thresholdColour(value, steps))).toEqual(['red', 'yellow', 'green']);
  const fixed = { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } };
  const overrides = [{ matcher: { id: 'byRegexp', options: '/: (down|failed)$/' }, properties: [fixed] }];
  expect(overridesOf('alpha inbound: down', overrides)).toEqual({ color: fixed.value });
  expect(overridesOf('alpha inbound: up', overrides)).toEqual({});
});

it('puts series on the same moments, with gaps where there is nothing', () => {
  const points = [
    [100, 1],
    [110, Number.NaN],
    [115, 4],
    [999, 5],
  ];
  expect(align([points], { from: 100, to: 115, stepSeconds: 5 })).toEqual([
    [100, 105, 110, 115],
    [1, null, null, 4],
  ]);
});

it('takes durations as Prometheus writes them', () => {
  expect(['90s', '15m', '6h', '1d'].map(parseDuration)).toEqual([90, 900, 21_600, 86_400]);
  expect(() => parseDuration('soon')).toThrow('no duration');
});

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const dashboard = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'));
  const labels = { site: 'alpha', service: 'viewer', direction: 'inbound', state: 'down' };
  const asked: string[] = [];
  const prometheus = {
    scrapeSeconds: async () => 15,
    labelValues: async () => ['alpha'],
    query: async (query: string) => {
      asked.push(query);
      return [{ metric: labels, value: 1 }];
    },
    range: async (query: string, { from }: { from: number }) => {
      asked.push(query);
      return [{ metric: labels, points: [[from, 1]] }];
    },
  };

  it('has only panels, units and variables that a picture can show', async () => {
    const read = await readDashboard(dashboard, prometheus, { range: 3600, to: 1_800_000_000 });
    expect(read.panels).toHaveLength(dashboard.panels.length);
    for (const { type, title, unit, ...panel } of read.panels) {
      expect(formatValue(1, unit), title).not.toBe('');
      if (type === 'timeseries') expect(panel.data[0].length, title).toBeGreaterThan(100);
    }
    expect(asked.filter((query) => query.includes('$'))).toEqual([]);
  });
});
