/**
 * Makes the pictures of the dashboards in docs/operations.md: the running product with some traffic and a link that is cut, slowed and restored,
 * a real Prometheus that reads it meanwhile, and the dashboards drawn from its answers. Takes some ten minutes.
 *
 *   node scripts/dashboard-pictures.mjs [DIR]     DIR: where Prometheus' data stays, to be looked at afterwards
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withPainter } from './dashboards/picture.mjs';
import { prometheusAt } from './dashboards/prometheus.mjs';
import { readDashboard } from './dashboards/read.mjs';
import { say } from './lib/say.mjs';
import { freePorts, keep, root, until, withProduct } from './pictures/product.mjs';
import { provisionPrometheus } from './provision-prometheus.mjs';

const MONITORING = path.join(root, 'helm/fieldline/files/monitoring');
const SCRAPE_SECONDS = 5;
const MINUTE_MS = 60_000;
/** Fewer than the feed brings: while the link is cut there is still something to ask for. */
const REQUEST = 1;
const ASSETS_MIN = 12;
/** What happens meanwhile, in order; each lasts as long as its panels need to show it. */
const DAY = [
  { what: 'all is well', minutes: 2 },
  { what: 'the link is thin', line: { cut: false, bytesPerSecond: 40_000, latencyMs: 120 }, minutes: 2 },
  { what: 'the link is cut', line: { cut: true, bytesPerSecond: null, latencyMs: 0 }, minutes: 2 },
  { what: 'the link is back', line: { cut: false, bytesPerSecond: null, latencyMs: 0 }, minutes: 3 },
];

const commands = provisionPrometheus();
if (commands === null) process.exit(1);
await withProduct(async ({ url, directory, ...calls }) => {
  const { prometheus, address } = await startPrometheus(new URL(url).host, process.argv[2] ?? directory);
  try {
    await until('there are assets', async () => (await calls.assets()).length >= ASSETS_MIN);
    const startedAt = Date.now();
    for (const { what, line, minutes } of DAY) {
      say(`${what}, for ${minutes} min ...`);
      if (line) await calls.api('PUT', '/api/sites/alpha/link', { conditions: line });
      await work(calls, minutes * MINUTE_MS);
    }
    await draw(prometheusAt(address), Math.ceil((Date.now() - startedAt) / 1000));
  } finally {
    prometheus.kill('SIGTERM');
    await once(prometheus, 'exit');
  }
});

async function startPrometheus(target, directory) {
  const [port] = await freePorts(1);
  const file = path.join(directory, 'prometheus.yml');
  writeFileSync(
    file,
    JSON.stringify({
      global: { scrape_interval: `${SCRAPE_SECONDS}s`, evaluation_interval: `${SCRAPE_SECONDS}s` },
      rule_files: [path.join(MONITORING, 'alerts.yml')],
      scrape_configs: [{ job_name: 'fieldline', static_configs: [{ targets: [target] }] }],
    }),
  );
  const data = path.join(directory, 'prometheus');
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${data}`, `--web.listen-address=127.0.0.1:${port}`];
  const prometheus = spawn(commands.prometheus, [...args, '--log.level=error'], { stdio: 'inherit' });
  const address = `http://127.0.0.1:${port}`;
  await until('Prometheus answers', async () => (await fetch(`${address}/-/ready`)).ok);
  return { prometheus, address };
}

/** Requests, mirrors and pages' reads until the time is over; with the link as it is, so it waits for nothing. */
async function work({ api, assets }, lastingMs) {
  const until = Date.now() + lastingMs;
  for (let turn = 0; Date.now() < until; turn++) {
    if (turn % 6 === 0) {
      const chosen = (await assets('available')).slice(0, REQUEST).map(({ id }) => id);
      if (chosen.length > 0) await api('POST', '/api/sites/alpha/requests', { assetIds: chosen });
    }
    // Refused while one runs, or while HQ is out of reach: that is what the panels are to show.
    if (turn % 4 === 2) await api('POST', '/api/sites/alpha/mirror').catch(() => undefined);
    for (const page of ['/api/sites', '/api/sites/hq/assets?limit=50', '/api/sites/alpha/link']) await api('GET', page);
    await sleep(2_500);
  }
}

async function draw(prometheus, range) {
  const folder = path.join(MONITORING, 'dashboards');
  await withPainter(async (paint) => {
    for (const name of readdirSync(folder)) {
      const dashboard = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
      const read = await readDashboard(dashboard, prometheus, { range, to: Math.floor(Date.now() / 1000) });
      await keep(`dashboard-${dashboard.uid.replace('fieldline-', '')}`, await paint(read));
    }
  });
}
