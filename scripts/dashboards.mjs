/** `npm run dashboards`: pictures of the dashboards without Grafana. See docs/operations.md. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled } from './lib/install.mjs';
import { fail, say } from './lib/say.mjs';
import { provisionBrowser } from './provision-browser.mjs';

const USAGE = `npm run dashboards -- --prometheus URL [options]

  --prometheus URL   a Prometheus that scrapes Fieldline, such as http://127.0.0.1:9090
  --range DURATION   what to show, up to now: 90s, 30m, 6h, 1d  (default 1h)
  --to DIR           where the pictures go  (default .)
  --only UID         one dashboard: fieldline-mission, fieldline-link or fieldline-service
  --set NAME=VALUE   a variable of the dashboard; again for a second value  (default all)
`;

const root = path.resolve(import.meta.dirname, '..');
const FOLDER = path.join(root, 'helm/fieldline/files/monitoring/dashboards');

const text = { type: 'string' };
const options = {
  prometheus: text,
  range: text,
  to: text,
  only: text,
  set: { ...text, multiple: true },
  help: { type: 'boolean' },
};

try {
  await main(parseArgs({ options }).values);
} catch (error) {
  fail(`${error.message}.`);
}

async function main({ prometheus: url, range = '1h', to = '.', only, set = [], help }) {
  if (help || !url) {
    process.stdout.write(USAGE);
    process.exitCode = help ? 0 : 1;
    return;
  }
  await ensureInstalled(root);
  await provisionBrowser();
  const [{ prometheusAt }, { readDashboard }, { withPainter }, { parseDuration }] = await Promise.all([
    import('./dashboards/prometheus.mjs'),
    import('./dashboards/read.mjs'),
    import('./dashboards/picture.mjs'),
    import('./dashboards/series.mjs'),
  ]);
  const prometheus = prometheusAt(url);
  const chosen = {};
  for (const [name, value] of set.map(assignment)) chosen[name] = [...(chosen[name] ?? []), value];
  const asked = {
    range: parseDuration(range),
    to: Math.floor(Date.now() / 1000),
    chosen,
  };
  const dashboards = readdirSync(FOLDER)
    .map((file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')))
    .filter(({ uid }) => !only || uid === only);
  if (dashboards.length === 0) throw new Error(`There is no dashboard ${only}`);
  mkdirSync(to, { recursive: true });
  await withPainter(async (paint) => {
    for (const dashboard of dashboards) {
      const file = path.join(to, `${dashboard.uid}.png`);
      writeFileSync(file, await paint(await readDashboard(dashboard, prometheus, asked)));
      say(`${dashboard.title}: ${file}`);
    }
  });
}

function assignment(pair) {
  const at = pair.indexOf('=');
  if (at < 1) throw new Error(`--set ${pair} is not NAME=VALUE`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
