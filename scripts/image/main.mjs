/**
 * Entry of the container. `--config FILE`: the launcher, as the first process. `--enrol FILE` before that: an edge that is not enrolled yet is,
 * with the token in that file; one that is goes on, since its pod is started many times and the token holds once.
 * `enrol ...`: what `npm run enrol -- ...` does, with the data of this container.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const DATA_DIRECTORY = '/data';
const ENROLMENTS = path.join(DATA_DIRECTORY, 'enrolment');

const isEnrolled = () => existsSync(ENROLMENTS) && readdirSync(ENROLMENTS).some((name) => name.endsWith('.json'));

const enrol = async (args) => {
  const program = await import('./dist/enrol.js');
  await program.enrol([...args, '--data', DATA_DIRECTORY], { root: import.meta.dirname });
};

const [first, second, ...rest] = process.argv.slice(2);
if (first === 'enrol') await enrol([second, ...rest].filter((arg) => arg !== undefined));
else {
  if (first === '--enrol' && !isEnrolled()) await enrol(['--accept', second]);
  // A token that was refused has said so; the launcher then says that the edge knows no HQ, and ends.
  const args = first === '--enrol' ? rest : process.argv.slice(2);
  const { launch } = await import('./dist/launcher.js');
  await launch(args, { root: import.meta.dirname });
}
