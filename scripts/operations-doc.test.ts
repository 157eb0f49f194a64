/** The document that people read at night says something of every alert, and of no other. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

it('explains every alert, and only those', () => {
  const { groups } = parse(read('helm/fieldline/files/monitoring/alerts.yml')) as {
    groups: { rules: { alert: string }[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  const explained = [...read('docs/operations.md').matchAll(/^### (Fieldline\w+)$/gm)].map((match) => match[1]);
  expect(explained.toSorted()).toEqual(alerts.toSorted());
});
