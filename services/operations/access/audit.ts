import type { AuditPage } from '@/lib/api/access-schemas';
import type { Access } from '../../access/access';
import { type AuditFilter, newestAudit, readAudit } from '../../access/audit/read';

interface AuditWish {
  who?: string | undefined;
  what?: string | undefined;
  result?: AuditFilter['result'];
  after?: string | undefined;
  before?: string | undefined;
}

const filterOf = ({ after, before, ...rest }: AuditWish): AuditFilter => ({
  ...rest,
  after: after === undefined ? undefined : Date.parse(after),
  before: before === undefined ? undefined : Date.parse(before),
});

export async function auditPage(access: Access, { limit, ...wish }: AuditWish & { limit: number }): Promise<AuditPage> {
  return newestAudit(await access.audit.files(), filterOf(wish), limit);
}

/** The log as JSON lines, oldest first, read as fast as it is taken. */
export async function auditLines(access: Access, wish: AuditWish): Promise<ReadableStream<Uint8Array>> {
  const entries = readAudit(await access.audit.files(), filterOf(wish));
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await entries.next();
        if (done) controller.close();
        else controller.enqueue(Buffer.from(`${JSON.stringify(value)}\n`));
      },
      cancel: () => void entries.return(undefined),
    },
    { highWaterMark: 0 },
  );
}
