import type { Metadata } from 'next';
import { EdgePage } from '../../components/edge/edge-page';

interface Props {
  params: Promise<{ site: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).site };
}

/** The field team's page. */
export default async function Page({ params }: Props) {
  return <EdgePage id={(await params).site} />;
}
