import { serveSamplePass } from '@/lib/feeds/sample/serve';
import { withSample } from '../../../_lib/sample';

export const dynamic = 'force-dynamic';

export const GET = async (request: Request, { params }: { params: Promise<{ scene: string; file: string }> }) => {
  const { scene, file } = await params;
  return withSample(request, (library) => serveSamplePass(library, scene, file, Date.now()));
};
