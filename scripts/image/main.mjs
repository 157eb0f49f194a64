/**
 * Entry of the container. `--config FILE`: the launcher, as the first process. `--enrol FILE` before that: an edge that is not enrolled yet is,
 * with the token in that file; one that is goes on, since its pod is started many times and the token holds once.
 * `enrol ...`, `backup ...`, `restore ...`: what `npm run enrol -- ...` and the others do, with the data of this container.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const DATA_DIRECTORY = '/data';
const ENROLMENTS = path.join(DATA_DIRECTORY, 'enrolment');
const root = import.meta.dirname;

const isEnrolled = () => existsSync(ENROLMENTS) && readdirSync(ENROLMENTS).some((name) => name.endsWith('.json'));

/** What a person types, in a shell of the pod's own. */
const COMMANDS = {
  enrol: async (args) => (await import('./dist/enrol.js')).enrol([...args, '--data', DATA_DIRECTORY], { root }),
  backup: async (args) => (await import('./dist/backup.js')).runBackup([...args, '--data', DATA_DIRECTORY], { root }),
  restore: async (args) => (await import('./dist/backup.js')).runRestore([...args, '--to', DATA_DIRECTORY]),
};

const [first, ...others] = process.argv.slice(2);
if (Object.hasOwn(COMMANDS, first ?? '')) await COMMANDS[first](others);
else {
  const [file, ...rest] = others;
  const { launch } = await import('./dist/launcher.js');
  await launch(first === '--enrol' ? rest : process.argv.slice(2), {
    root,
    // A person's terminal (docker run --tty) gets sentences.
    structured: !process.stdout.isTTY,
    ...(first === '--enrol' && !isEnrolled() && { enrolment: { dataDir: DATA_DIRECTORY, file } }),
  });
}
