import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AuditEntry } from '@/lib/api/access-schemas';
import { AuditLog, type AuditLogOptions } from './log';
import { newestAudit, readAudit } from './read';

const fresh = (options: Partial<AuditLogOptions> = {}) => {
  const said: string[] = [];
  const directory = path.join(mkdtempSync(path.join(tmpdir(), 'fieldline-audit-')), 'audit');
  const log = new AuditLog({
    directory,
    writer: 'hq',
    now: Date.now,
    onTrouble: (line) => said.push(line),
    ...options,
  });
  return { log, said };
};
const entry = (n: number, change: Partial<AuditEntry> = {}): AuditEntry => ({
  at: new Date(1_700_000_000_000 + n * 1000).toISOString(),
  who: { id: 'user:1', name: 'Olga', via: 'password' },
  from: '10.0.0.1',
  what: 'updateService',
  target: { n: String(n) },
  result: 'done',
  ...change,
});
const all = async (log: AuditLog) => {
  const entries: AuditEntry[] = [];
  for await (const one of readAudit(await log.files(), {})) entries.push(one);
  return entries;
};

describe('the audit log', () => {
  test('keeps lines in order, over restarts and files', async () => {
    const { log } = fresh({ fileBytesMax: 400 });
    for (let n = 0; n < 10; n++) await log.write(entry(n));
    await log.close();
    const again = new AuditLog(log.options);
    await Promise.all([10, 11, 12].map((n) => again.write(entry(n))));
    expect((await all(again)).map(({ target }) => Number(target.n))).toEqual(Array.from({ length: 13 }, (_, n) => n));
    expect((await again.files()).length).toBeGreaterThan(3);
    await again.close();
  });

  test('stays within its bound, and loses the oldest', async () => {
    const { log } = fresh({ fileBytesMax: 100, filesMax: 3 });
    for (let n = 0; n < 20; n++) await log.write(entry(n));
    expect((await log.files()).length).toBe(3);
    expect((await all(log)).at(-1)?.target.n).toBe('19');
    await log.close();
  });

  test('a full disk stops nobody, is told once, and leaves a line that says what is missing', async () => {
    let full = true;
    const { log, said } = fresh({
      append: async (handle, text) => {
        if (full) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        await handle.appendFile(text);
      },
    });
    await log.write(entry(1));
    await log.write(entry(2));
    expect(log.lost).toBe(2);
    expect(said).toEqual(['The audit log can not be written: no space left on device']);
    full = false;
    await log.write(entry(3));
    expect(await all(log)).toMatchObject([
      { what: 'audit', detail: '2 lines before this one could not be written' },
      entry(3),
    ]);
    expect(said).toHaveLength(2);
    await log.close();
  });

  test('a forged name makes no line of its own, and no long one', async () => {
    const { log } = fresh();
    const name = `x\n${JSON.stringify(entry(99))}\n\u2028`;
    await log.write(entry(1, { who: { id: '', name, via: '' } }));
    await log.write(entry(2, { who: { id: '', name: 'y'.repeat(100_000), via: '' } }));
    const entries = await all(log);
    expect(entries).toHaveLength(2);
    expect(entries[0]!.who.name).toBe(name);
    expect(entries[1]!.who.name.length).toBeLessThan(600);
    await log.close();
  });

  test('a line that was cut off is passed over', async () => {
    const { log } = fresh();
    await log.write(entry(1));
    await log.close();
    appendFileSync((await log.files())[0]!, '{"at":"2026');
    const again = new AuditLog(log.options);
    await again.write(entry(2));
    expect((await all(again)).map(({ target }) => target.n)).toEqual(['1', '2']);
    await again.close();
  });

  test('is read newest first, by who, what, result and time', async () => {
    const { log } = fresh({ fileBytesMax: 300 });
    for (let n = 0; n < 10; n++)
      await log.write(
        entry(n, n % 2 ? { result: 'refused', what: 'signIn', who: { id: '', name: 'mallory', via: '' } } : {}),
      );
    const files = await log.files();
    const numbers = async (filter: Parameters<typeof newestAudit>[1], limit = 100) => {
      const { entries, more } = await newestAudit(files, filter, limit);
      return [...entries.map(({ target }) => Number(target.n)), more];
    };
    expect(await numbers({}, 3)).toEqual([9, 8, 7, true]);
    expect(await numbers({ who: 'MALL' })).toEqual([9, 7, 5, 3, 1, false]);
    expect(await numbers({ what: 'updateService', after: Date.parse(entry(4).at) })).toEqual([8, 6, 4, false]);
    expect(await numbers({ result: 'refused', before: Date.parse(entry(4).at) })).toEqual([3, 1, false]);
    await log.close();
  });
});
