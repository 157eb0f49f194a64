import { auditPage } from '@/services/operations/access/audit';
import { openAccess } from '../../_lib/access';
import { answer, endpoint } from '../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('listAudit', ({ query }) => auditPage(openAccess(), query)),
});
