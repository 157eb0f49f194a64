import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
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
  if (!(await isKnownEdge(site))) notFound();
  return <EdgePage id={site} />;
}
