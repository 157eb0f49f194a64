/** Writes docs/feed.schema.json from the schema that checks feeds: `node scripts/write-feed-schema.mjs`. A test says when it is due. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { importTypeScript } from './import-typescript.mjs';

const { feedJsonSchema } = await importTypeScript('lib/feeds/json-schema.ts');
const target = path.resolve(import.meta.dirname, '../docs/feed.schema.json');
await writeFile(target, `${JSON.stringify(feedJsonSchema(), null, 2)}\n`);
console.log(`Wrote ${target}`);
