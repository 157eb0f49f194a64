/** What the documents show as a configuration is one: the program takes it as it stands there. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig } from '@/lib/config';

const root = path.resolve(import.meta.dirname, '..');
const pages = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => path.join('docs', name));

const HQ = { id: 'hq', role: 'hq', fabric: { kind: 'embedded', kafkaPort: 19_092, restPort: 18_443 } };
/** Sites that a page does not show. */
const LEFT_OUT = /,\s*"sites": \[ \.\.\. \]/;

/** The JSON blocks of a page that are configurations: whole ones, the part of one setting, or the fabric of one site. */
function configurationsOf(page: string): { name: string; config: unknown }[] {
  const text = readFileSync(path.join(root, page), 'utf8').replace(LEFT_OUT, '');
  return [...text.matchAll(/```json\n(.*?)```/gs)].flatMap(([, block = ''], index) => {
    const name = `${page}, block ${index + 1}`;
    const part = block.startsWith('"') ? JSON.parse(`{${block}}`) : JSON.parse(block);
    if ('fabric' in part) return [{ name, config: { demo: false, sites: [{ id: 'alpha', role: 'edge', ...part }] } }];
    return 'sites' in part || 'access' in part ? [{ name, config: { sites: [HQ], ...part } }] : [];
  });
}

const found = pages.flatMap(configurationsOf);

it('finds them', () => {
  expect(found.map(({ name }) => name.split(',')[0])).toEqual(
    expect.arrayContaining(
      ['access', 'fabrics/kafka', 'fabrics/datafabric', 'mixed-mission'].map((page) => `docs/${page}.md`),
    ),
  );
});

it.each(found)('$name', ({ name, config }) => {
  expect(() => parseConfig(config, name)).not.toThrow();
});
