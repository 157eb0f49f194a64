import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Fieldline's image has glibc: a package's binaries for musl are installed beside those for glibc, and never loaded. */
const IS_MUSL = /musl/;

/**
 * A package and everything it needs at run time, as folders below node_modules: dependencies, and those optional ones that npm installed
 * for this platform.
 */
export function installedClosure(root, name) {
  const folders = new Set();
  const visit = (wanted, from) => {
    const folder = resolveFolder(root, wanted, from);
    if (folder === null || folders.has(folder) || IS_MUSL.test(folder)) return;
    folders.add(folder);
    const manifest = path.join(root, 'node_modules', folder, 'package.json');
    const { dependencies, optionalDependencies } = JSON.parse(readFileSync(manifest, 'utf8'));
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) visit(next, folder);
  };
  visit(name, '');
  return [...folders].sort();
}

/** As Node looks: in the package's own node_modules, then in those above it. Null where the package is not installed. */
function resolveFolder(root, name, from) {
  for (let at = from; ; at = at.split('/node_modules/').slice(0, -1).join('/node_modules/')) {
    const folder = at ? `${at}/node_modules/${name}` : name;
    if (existsSync(path.join(root, 'node_modules', folder, 'package.json'))) return folder;
    if (!at) return null;
  }
}
