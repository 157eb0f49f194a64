import { readFileSync } from 'node:fs';
import path from 'node:path';

/** `from"./chunk-ABC.js"`, `import("./parts-DEF.js")`, minified or not. */
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*["']\.\/([\w.-]+\.js)["']/g;

/** These files of a directory of bundles, with all that they import of it, by name. */
export function bundleParts(directory, entries) {
  const found = new Set();
  const visit = (name) => {
    if (found.has(name)) return;
    found.add(name);
    for (const [, next] of readFileSync(path.join(directory, name), 'utf8').matchAll(IMPORT)) visit(next);
  };
  for (const entry of entries) visit(entry);
  return [...found].sort();
}
