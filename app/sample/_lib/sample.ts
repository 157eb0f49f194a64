import { problemResponse } from '@/app/api/_lib/problem';
import { loadConfig } from '@/lib/config';
import { FieldlineError } from '@/lib/errors';
import { installedLibrary } from '@/lib/feeds/sample/serve';

type Library = Awaited<ReturnType<typeof installedLibrary>>;

/** Answers with the sample library, where this installation shows the sample; errors as problem documents. */
export async function withSample(
  request: Request,
  work: (library: Library) => Response | Promise<Response>,
): Promise<Response> {
  try {
    if (!loadConfig().demo) throw new FieldlineError('NOT_FOUND', 'This installation serves no sample');
    return await work(await installedLibrary());
  } catch (error) {
    return problemResponse(error, request);
  }
}
