import { discardDraft, draftConnection, getConnection } from '@/services/operations/connections';
import { answer, endpoint } from '../../../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('getConnection', ({ runtime, params }) => getConnection(runtime, params.site)),
  PUT: answer('draftConnection', ({ runtime, params, body }) => draftConnection(runtime, params.site, body)),
  DELETE: answer('discardDraft', ({ runtime, params }) => discardDraft(runtime, params.site)),
});
