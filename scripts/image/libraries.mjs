import { execFileSync } from 'node:child_process';

/** `libm.so.6 => /lib/…/libm.so.6 (0x…)`, and the loader itself without an arrow. */
const LIBRARY = /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/;

/** The shared libraries that programs and native modules load, by the paths under which the system's loader finds them. */
export function sharedLibraries(files) {
  const found = new Set();
  for (const file of files)
    for (const line of execFileSync('ldd', [file], { encoding: 'utf8' }).split('\n')) {
      if (line.includes('not found')) throw new Error(`${file} needs a library that is not here: ${line.trim()}`);
      const library = LIBRARY.exec(line)?.[1];
      if (library) found.add(library);
    }
  return [...found].sort();
}
