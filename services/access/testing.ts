/** Access control on a temporary directory, for tests. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { AuditEntry } from '@/lib/api/access-schemas';
import { defaultSites, parseConfig } from '@/lib/config';
import { Access } from './access';
import { readAudit } from './audit/read';

export const PASSWORD = 'correct horse battery';

export interface TestAccess {
  access: Access;
  /** Moves the clock of sessions and tokens. */
  pass: (ms: number) => void;
  said: string[];
  /** The audit log, oldest first. */
  audit: () => Promise<AuditEntry[]>;
}

export async function openTestAccess(
  settings: object = {},
  dataDir = mkdtempSync(path.join(tmpdir(), 'fieldline-access-')),
): Promise<TestAccess> {
  let now = Date.now();
  const said: string[] = [];
  const config = parseConfig(
    { dataDir, sites: defaultSites(['hq', 'alpha', 'bravo']), access: { mode: 'on', ...settings } },
    'a test',
  );
  const access = await Access.open({ config, now: () => now, say: (sentence) => said.push(sentence) });
  return {
    access,
    said,
    pass: (ms) => {
      now += ms;
    },
    audit: async () => {
      const entries: AuditEntry[] = [];
      for await (const entry of readAudit(await access.audit.files(), {})) entries.push(entry);
      return entries;
    },
  };
}
