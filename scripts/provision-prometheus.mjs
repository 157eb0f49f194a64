/**
 * Gets Prometheus and promtool from the distribution, for the tests of alerts and dashboards. Prints what it has as one JSON line; null, with
 * the reason on stderr, where they can not be had. Can be run again at any time.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const APT = 'apt-get';
const APT_TIMEOUT_MS = 180_000;
const quiet = { stdio: ['ignore', 'ignore', 'pipe'], timeout: APT_TIMEOUT_MS };

function works(command) {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `{prometheus, promtool}`: the commands; null where they can not be had. */
export function provisionPrometheus() {
  const commands = { prometheus: 'prometheus', promtool: 'promtool' };
  if (works('prometheus') && works('promtool')) return commands;
  try {
    if (process.getuid?.() !== 0)
      throw new Error('not installed, and only root can install it (apt-get install prometheus)');
    execFileSync(APT, ['update', '-qq'], quiet);
    execFileSync(APT, ['install', '-y', '-qq', '--no-install-recommends', 'prometheus'], quiet);
    return commands;
  } catch (error) {
    const said = error.stderr?.toString().trim().split('\n').at(-1) || error.message;
    process.stderr.write(`Prometheus can not be had: ${said}\n`);
    return null;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.stdout.write(`${JSON.stringify(provisionPrometheus())}\n`);
