/**
 * Gets the foreign Kafka clients that interoperability tests speak with: kcat from the distribution, Python clients in cached virtual
 * environments (.cache/interop). Prints what it has as one JSON line; what can not be had is null, with the reason on stderr.
 * Can be run again at any time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = path.resolve(import.meta.dirname, '..', '.cache', 'interop');
/** kafka-python twice: the version in most installations, and today's, which is another program within. */
const ENVIRONMENTS = {
  'kafka-python-2': ['kafka-python==2.0.2'],
  'kafka-python-3': ['kafka-python==3.0.12'],
  confluent: ['confluent-kafka==2.15.0'],
};
const APT = 'apt-get';
const APT_TIMEOUT_MS = 180_000;
const PIP_TIMEOUT_MS = 180_000;

const quiet = (timeout) => ({ stdio: ['ignore', 'ignore', 'pipe'], timeout });

function works(command, args) {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function why(error) {
  const said = error.stderr?.toString().trim().split('\n').at(-1);
  return said || error.message;
}

/** The command that runs kcat. Throws where it can not be had. */
export function provisionKcat() {
  for (const name of ['kcat', 'kafkacat']) if (works(name, ['-V'])) return name;
  if (process.getuid?.() !== 0) throw new Error('not installed, and only root can install it (apt-get install kcat)');
  execFileSync(APT, ['update', '-qq'], quiet(APT_TIMEOUT_MS));
  execFileSync(APT, ['install', '-y', '-qq', '--no-install-recommends', 'kcat'], quiet(APT_TIMEOUT_MS));
  return 'kcat';
}

/** The Python of an environment with these packages. A stamp tells a finished one from one that was cut off. */
function provisionPython(name, packages) {
  const directory = path.join(CACHE, name);
  const python = path.join(directory, 'bin', 'python');
  const stamp = path.join(directory, packages.join('_').replaceAll('=', '-'));
  if (existsSync(stamp)) return python;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  execFileSync('python3', ['-m', 'venv', directory], quiet(PIP_TIMEOUT_MS));
  execFileSync(
    python,
    ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
    quiet(PIP_TIMEOUT_MS),
  );
  writeFileSync(stamp, '');
  return python;
}

function attempt(name, provision) {
  try {
    return provision();
  } catch (error) {
    process.stderr.write(`${name} can not be had: ${why(error)}\n`);
    return null;
  }
}

/** Commands by client name; null where there is none. */
export function provisionInterop() {
  return {
    kcat: attempt('kcat', provisionKcat),
    ...Object.fromEntries(
      Object.entries(ENVIRONMENTS).map(([name, packages]) => [
        name,
        attempt(name, () => provisionPython(name, packages)),
      ]),
    ),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${JSON.stringify(provisionInterop())}\n`);
