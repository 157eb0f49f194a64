import { openApiDocument } from '@/lib/api/openapi';
import { answer, endpoint, json } from '../_lib/endpoint';

export const { GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS } = endpoint({
  GET: answer('openapi', () => json(openApiDocument())),
});
