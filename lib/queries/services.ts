import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Service } from '@/lib/api/schemas';
import { callApi } from './http';
import { keys, sitePath } from './keys';

/** Fast only while a state is transitional. */
const TRANSITION_POLL_MS = 1000;
const SERVICES_POLL_MS = 10_000;

export interface ServiceList {
  services: Service[];
}
export interface ServiceChange {
  service: string;
  desired?: Service['desired'];
  logLevel?: Service['logLevel'];
}

export const servicesQuery = (site: string) =>
  queryOptions({
    queryKey: keys.services(site),
    queryFn: ({ signal }) => callApi<ServiceList>(sitePath(site, '/services'), { signal }),
    refetchInterval: (query) =>
      query.state.data?.services.some((service) => service.state === 'starting' || service.state === 'stopping')
        ? TRANSITION_POLL_MS
        : SERVICES_POLL_MS,
  });

export const useServices = (site: string, enabled = true) => useQuery({ ...servicesQuery(site), enabled });

/** A service replaced in its list; unchanged when it is not there. */
export const withService = (list: ServiceList | undefined, service: Service): ServiceList | undefined =>
  list && { services: list.services.map((other) => (other.id === service.id ? service : other)) };

/** Sets the desired state or the log level. The state follows by events: nothing is shown that is not so. */
export function useServiceChange(site: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ service, ...change }: ServiceChange) =>
      callApi<Service>(sitePath(site, `/services/${service}`), { method: 'PUT', body: change }),
    onSuccess: (service) => client.setQueryData<ServiceList>(keys.services(site), (list) => withService(list, service)),
  });
}
