import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a directory and those above it, each by a call of its own: Node's `recursive` tries for ever where a file system takes no
 * directory and answers ENOENT (/proc). Fails as mkdir does, with EEXIST too where a file is in the place.
 */
export function makeDirectory(directory: string): void {
  const missing: string[] = [];
  for (let at = path.resolve(directory); !existsSync(at); at = path.dirname(at)) missing.push(at);
  for (const one of missing.reverse()) mkdirSync(one, { recursive: false });
  // Nothing more to make: says so where what is there is a file.
  mkdirSync(directory, { recursive: true });
}
