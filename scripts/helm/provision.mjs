/** Gets Helm, kubeconform and Kubernetes' schemas from the Go module proxy into .cache/helm, once for each version. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { say } from '../lib/say.mjs';
import { writeSchemas } from './schemas.mjs';
import { CACHE, PROGRAMS, programFile, SCHEMA_MODULES, schemaDirectory } from './tools.mjs';

const go = (args, environment = {}) =>
  execFileSync('go', args, { encoding: 'utf8', cwd: CACHE, env: { ...process.env, ...environment }, stdio: 'pipe' });

/** Resolves with what could not be had, and why; nothing is tried twice in a run. */
export function provisionHelm() {
  mkdirSync(path.join(CACHE, 'bin'), { recursive: true });
  const wanted = [
    ...PROGRAMS.map((program) => ({
      name: program.name,
      file: programFile(program),
      get: () => install(program),
    })),
    { name: "Kubernetes' schemas", file: schemaDirectory, get: fetchSchemas },
  ];
  return wanted
    .filter(({ file }) => !existsSync(file))
    .flatMap(({ name, get }) => {
      try {
        say(`Getting ${name} ...`);
        get();
        return [];
      } catch (error) {
        return [{ name, why: reason(error) }];
      }
    });
}

/** A few minutes for Helm, the first time. */
function install(program) {
  const place = mkdtempSync(path.join(CACHE, 'install-'));
  try {
    go(['install', '-ldflags=-s -w', `${program.from}@${program.version}`], {
      GOBIN: place,
      CGO_ENABLED: '0',
      GOFLAGS: '-buildvcs=false',
    });
    renameSync(path.join(place, program.name), programFile(program));
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function fetchSchemas() {
  const found = SCHEMA_MODULES.map((one) => {
    const { Dir } = JSON.parse(go(['mod', 'download', '-json', `${one.module}@${one.version}`]));
    return { ...one, directory: Dir };
  });
  writeSchemas(found, schemaDirectory);
}

function reason(error) {
  if (error.code === 'ENOENT') return 'there is no `go` on this machine';
  return String(error.stderr || error.message)
    .trim()
    .split('\n')
    .at(-1);
}
