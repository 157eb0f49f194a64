/**
 * Entry of the container. `--config FILE`: the launcher, as the first process. Before that, for what a pod that is started many times does once:
 * `--enrol FILE`: an edge that is not enrolled yet is, with the token in that file. `--restore DIR`: a site without data gets that of the copy there.
 * `probe SITE ready`: whether that site, which runs beside, can be worked with; what a kubelet asks.
 * `enrol ...`, `backup ...`, `restore ...`: what `npm run enrol -- ...` and the others do, with the data of this container.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const DATA_DIRECTORY = '/data';
const ENROLMENTS = path.join(DATA_DIRECTORY, 'enrolment');
const root = import.meta.dirname;

const isEnrolled = () => existsSync(ENROLMENTS) && readdirSync(ENROLMENTS).some((name) => name.endsWith('.json'));

/** What runs beside the launcher: a person's commands, and probes. */
const COMMANDS = {
  enrol: async (args) => (await import('./dist/enrol.js')).enrol([...args, '--data', DATA_DIRECTORY], { root }),
  backup: async (args) => (await import('./dist/backup.js')).runBackup([...args, '--data', DATA_DIRECTORY], { root }),
  probe: async (args) => (await import('./dist/probe.js')).runProbe(args, DATA_DIRECTORY),
  restore: async (args) => (await import('./dist/backup.js')).runRestore([...args, '--to', DATA_DIRECTORY]),
};

/** A copy that can not be read is said to be none by the restore itself. */
function isRestored(copy) {
  try {
    const { site } = JSON.parse(readFileSync(path.join(copy, 'manifest.json'), 'utf8'));
    return existsSync(path.join(DATA_DIRECTORY, site));
  } catch {
    return false;
  }
}

/** Takes an option that comes first, with its value. */
function take(args, name) {
  return args[0] === name ? args.splice(0, 2)[1] : undefined;
}

const args = process.argv.slice(2);
if (Object.hasOwn(COMMANDS, args[0] ?? '')) await COMMANDS[args[0]](args.slice(1));
else {
  const copy = take(args, '--restore');
  if (copy && !isRestored(copy)) await COMMANDS.restore(['--from', copy]);
  // A site is not started empty in place of the one that was meant.
  if (process.exitCode) process.exit();
  const file = take(args, '--enrol');
  const { launch } = await import('./dist/launcher.js');
  await launch(args, {
    root,
    // A person's terminal (docker run --tty) gets sentences.
    structured: !process.stdout.isTTY,
    ...(file && !isEnrolled() && { enrolment: { dataDir: DATA_DIRECTORY, file } }),
  });
}
