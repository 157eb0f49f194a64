import { problemResponse } from '@/app/api/_lib/problem';
import { loadConfig } from '@/lib/config';
import { FieldlineError } from '@/lib/errors';
import { installedLibrary } from '@/lib/feeds/sample/serve';
import { getAccess } from '@/services/access/global';

/** HQ's own downloader, and whoever may read. */
async function admitToSample(request: Request): Promise<void> {
  const access = getAccess();
  const caller = access ? await access.identify(request) : null;
  if (loadConfig().access.mode === 'on' && !caller?.grants.read)
    throw new FieldlineError('UNAUTHENTICATED', 'The sample is for who is signed in', { remedy: 'Sign in' });
}

type Library = Awaited<ReturnType<typeof installedLibrary>>;

/** Answers with the sample library, where this installation shows the sample; errors as problem documents. */
export async function withSample(
  request: Request,
  work: (library: Library) => Response | Promise<Response>,
): Promise<Response> {
  try {
    await admitToSample(request);
    if (!loadConfig().demo) throw new FieldlineError('NOT_FOUND', 'This installation serves no sample');
    return await work(await installedLibrary());
  } catch (error) {
    return problemResponse(error, request);
  }
}
