import { useQueries } from '@tanstack/react-query';
import type { Link, Service, Site } from '@/lib/api/schemas';
import { linkQuery } from './link';
import { servicesQuery } from './services';
import { useSites } from './sites';

const NO_SITES: Site[] = [];

export interface Mission {
  sites: Site[];
  services: Service[];
  links: Record<string, Link | undefined>;
  /** True until the sites, and the services of those hosted here, are known. */
  isPending: boolean;
  error: Error | null;
  refetch: () => void;
}

/** All sites, with the services and links of those that this server hosts. */
export function useMission(): Mission {
  const sitesQuery = useSites();
  const sites = sitesQuery.data?.sites ?? NO_SITES;
  const hosted = sites.filter((site) => site.hosted);
  const edges = hosted.filter((site) => site.role === 'edge');
  const services = useQueries({ queries: hosted.map((site) => servicesQuery(site.id)) });
  const links = useQueries({ queries: edges.map((site) => linkQuery(site.id)) });
  return {
    sites,
    services: services.flatMap((query) => query.data?.services ?? []),
    links: Object.fromEntries(edges.map((site, index) => [site.id, links[index]?.data])),
    isPending: sitesQuery.isPending || services.some((query) => query.isPending),
    error: sitesQuery.error,
    refetch: () => void sitesQuery.refetch(),
  };
}
