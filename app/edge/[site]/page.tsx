import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { Guarded } from '../../_lib/guard';
import { EdgePage } from '../../components/edge/edge-page';
import { isKnownEdge } from './known-edge';

interface Props {
  params: Promise<{ site: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).site };
}

/** The field team's page. */
export default async function Page({ params }: Props) {
  const { site } = await params;
  return (
    <Guarded need="viewer">
      <KnownEdge site={site} />
    </Guarded>
  );
}

/** Behind the guard: a stranger does not learn which sites there are. */
async function KnownEdge({ site }: { site: string }) {
  if (!(await isKnownEdge(site))) notFound();
  return <EdgePage id={site} />;
}
