/**
 * Gets the engines that the tests `*.engines.test.ts` run against, into .cache/engines: Apache Kafka with Connect and MirrorMaker 2 from
 * Maven, PostgreSQL from the distribution's packages, and versitygw (an S3 server) from the Go module proxy. Says what it does; what can
 * not be had, and why, is kept for the tests, which are then skipped. Can be run again at any time: what is there is not fetched again.
 * By itself: `node scripts/engines/provision.mjs [CACHE]`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { say } from '../lib/say.mjs';

const CACHE = path.resolve(import.meta.dirname, '../../.cache/engines');
const POM = path.join(import.meta.dirname, 'kafka-pom.xml');
const VERSITYGW_VERSION = 'v1.8.0';
const PACKAGES_TIMEOUT_MS = 600_000;
const DOWNLOAD_TIMEOUT_MS = 900_000;

/** @typedef {'kafka' | 'postgres' | 's3'} EngineName */
/** @typedef {{ home: string | null, why: string | null }} Engine `home`: where its programs are; null: it can not be had, see `why`. */

/** @returns {string | null} what the program printed; null where it is not installed */
function tryRun(command, args) {
  try {
    return execFileSync(command, args, { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' });
  } catch {
    return null;
  }
}

function run(command, args, options) {
  try {
    execFileSync(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  } catch (error) {
    const said = `${error.stdout ?? ''}\n${error.stderr ?? ''}`.trim().split('\n');
    throw new Error(`${command} failed: ${said.find((line) => /error/i.test(line)) || said.at(-1) || error.message}`);
  }
}

/** Sees to it that a program can be started; fails where it can not be installed, or is not found even then. */
function need(what, [command, ...args], packages) {
  if (tryRun(command, args) !== null) return;
  installPackages(what, packages);
  if (tryRun(command, args) === null) throw new Error(`${what} is installed, but "${command}" is not found in PATH`);
}

/** Installs packages of the distribution where that is possible. */
function installPackages(what, packages) {
  const installable = existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
  if (!installable) throw new Error(`${what} is not installed, and only root on Debian or Ubuntu can install it here`);
  say(`Installing ${what} (apt-get install ${packages.join(' ')}) ...`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: PACKAGES_TIMEOUT_MS };
  run('apt-get', ['update', '-qq'], options);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}

/** A directory of the cache that is filled by `fill` as a whole or not at all. */
function filled(directory, fill) {
  if (existsSync(directory)) return directory;
  const partial = `${directory}.partial-${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  try {
    fill(partial);
    if (!existsSync(directory)) renameSync(partial, directory);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return directory;
}

function provisionKafka(cache) {
  const version = /<kafka\.version>(.*)<\/kafka\.version>/.exec(readFileSync(POM, 'utf8'))[1];
  need('Java', ['java', '-version'], ['default-jre-headless']);
  return filled(path.join(cache, `kafka-${version}`), (directory) => {
    need('Maven', ['mvn', '-v'], ['maven']);
    say(`Getting Apache Kafka ${version} with Connect (Maven; 54 MB) ...`);
    const goals = ['dependency:copy-dependencies', `-DoutputDirectory=${path.join(directory, 'libs')}`];
    run('mvn', ['-B', '-q', '-f', POM, ...goals, '-DincludeScope=runtime'], { timeout: DOWNLOAD_TIMEOUT_MS });
  });
}

/** The newest installed server's programs. */
function installedPostgres() {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  const home = versions.map((version) => path.join(base, version, 'bin'));
  const onPath = tryRun('pg_config', ['--bindir'])?.trim();
  return [...home, ...(onPath ? [onPath] : [])].find((directory) => existsSync(path.join(directory, 'initdb')));
}

function provisionPostgres() {
  const installed = installedPostgres();
  if (installed) return installed;
  // Otherwise the package would start a server of its own.
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const settings = '/etc/postgresql-common/createcluster.d';
    mkdirSync(settings, { recursive: true });
    writeFileSync(path.join(settings, 'fieldline.conf'), 'create_main_cluster = false\n');
  }
  installPackages('PostgreSQL', ['postgresql']);
  const home = installedPostgres();
  if (!home) throw new Error('the package postgresql has no initdb');
  return home;
}

function provisionS3(cache) {
  return filled(path.join(cache, `versitygw-${VERSITYGW_VERSION}`), (directory) => {
    need('Go', ['go', 'version'], ['golang-go']);
    say(`Building versitygw ${VERSITYGW_VERSION}, an S3 server (go install; two minutes or so) ...`);
    const env = { ...process.env, GOBIN: directory, CGO_ENABLED: '0' };
    run('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSITYGW_VERSION}`], {
      env,
      timeout: DOWNLOAD_TIMEOUT_MS,
    });
  });
}

const PROVIDERS = {
  kafka: ['Apache Kafka', provisionKafka],
  postgres: ['PostgreSQL', provisionPostgres],
  s3: ['versitygw (S3)', provisionS3],
};

const recordOf = (name, cache) => path.join(cache, `${name}.json`);

/**
 * Gets every engine; never fails. Returns those that can not be had, with why.
 * @param {string} [cache] where they are kept
 * @returns {{ name: string, why: string }[]}
 */
export function provisionEngines(cache = CACHE) {
  mkdirSync(cache, { recursive: true });
  const missing = [];
  for (const [name, [title, provide]] of Object.entries(PROVIDERS)) {
    let engine;
    try {
      engine = { home: provide(cache), why: null };
      say(`${title}: ${engine.home}`);
    } catch (error) {
      engine = { home: null, why: error.message };
      missing.push({ name: title, why: error.message });
      say(`${title} can not be had: ${error.message}. Its tests are skipped.`);
    }
    writeFileSync(recordOf(name, cache), JSON.stringify(engine));
  }
  return missing;
}

/**
 * What was provisioned; tests skip themselves where `home` is null.
 * @param {EngineName} name
 * @returns {Engine}
 */
export function engine(name) {
  const record = recordOf(name, CACHE);
  if (!existsSync(record)) return { home: null, why: 'not provisioned yet: npm run test:engines' };
  return JSON.parse(readFileSync(record, 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) provisionEngines(process.argv[2]);
