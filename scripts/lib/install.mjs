import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { fail, say } from './say.mjs';
import { isCurrent, stampOf } from './stamp.mjs';

const NODE_MIN = [20, 19];
const SOURCES = ['package.json', 'package-lock.json'];
/** Kept inside node_modules, so that deleting that folder also forgets it. */
const STAMP = 'node_modules/.fieldline-installed';

/** Installs the locked dependencies unless just these are there. */
export async function ensureInstalled(root) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1]))
    fail(`Node.js ${NODE_MIN.join('.')} or newer is needed; this is ${process.versions.node}.`);
  const stamp = path.join(root, STAMP);
  if (isCurrent(root, stamp, SOURCES)) return;
  say('Installing dependencies (npm ci) ...');
  // npm hides what a development install needs when a caller has NODE_ENV=production.
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: { NODE_ENV: 'development' },
    quiet: true,
  });
  if (code !== 0)
    fail('The dependencies could not be installed: see the lines above. Is a package registry reachable?');
  writeFileSync(stamp, stampOf(root, SOURCES));
}
