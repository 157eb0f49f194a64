import { FieldlineError } from '@/lib/errors';
import { problemResponse } from '../_lib/problem';

/** Whatever no other route of the API answers. */
const nothing = async (request: Request) =>
  problemResponse(
    new FieldlineError('NOT_FOUND', 'The API has no such call', { remedy: 'GET /api/openapi.json lists them' }),
    request,
  );

export {
  nothing as DELETE,
  nothing as GET,
  nothing as HEAD,
  nothing as OPTIONS,
  nothing as PATCH,
  nothing as POST,
  nothing as PUT,
};
