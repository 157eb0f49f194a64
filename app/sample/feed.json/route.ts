import { serveSampleFeed } from '@/lib/feeds/sample/serve';
import { withSample } from '../_lib/sample';

export const dynamic = 'force-dynamic';

export const GET = (request: Request) =>
  withSample(request, (library) => serveSampleFeed(request, library, Date.now()));
