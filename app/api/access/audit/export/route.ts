import { auditLines } from '@/services/operations/access/audit';
import { openAccess } from '../../../_lib/access';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('exportAudit', async ({ query }) => {
    const lines = await auditLines(openAccess(), query);
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment; filename="fieldline-audit.jsonl"',
      'cache-control': 'no-store',
    };
    return new Response(lines, { headers });
  }),
});
