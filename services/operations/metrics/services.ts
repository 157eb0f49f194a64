import { SERVICE_STATES } from '@/lib/domain/services';
import type { SiteRuntime } from '../../contract';
import type { Scrape } from './registry';

export function serviceMetrics(scrape: Scrape, sites: readonly SiteRuntime[]): void {
  const names = ['site', 'service'];
  const processed = scrape.counter('fieldline_service_processed_total', 'Records processed since the start', names);
  const failed = scrape.counter(
    'fieldline_service_failed_total',
    'Tries that failed since the start, also those that are made again',
    names,
  );
  const letters = scrape.counter('fieldline_service_dead_letters_total', 'Records put on the dead-letter topic', names);
  const restarts = scrape.counter('fieldline_service_restarts_total', 'Starts after a fault', names);
  const lag = scrape.gauge('fieldline_service_lag_records', 'Records that wait for the service', names);
  const state = scrape.state('fieldline_service_state', '1 for the state that it is in', names, SERVICE_STATES);
  const desired = scrape.gauge('fieldline_service_desired_running', '1 when an operator wants it to run', names);
  const degraded = scrape.gauge('fieldline_service_degraded', '1 when it runs but something is wrong', names);
  for (const service of sites.flatMap((site) => site.supervisor.list())) {
    const labels = { site: service.site, service: service.id };
    processed(labels, service.processed);
    failed(labels, service.failed);
    letters(labels, service.deadLetters);
    restarts(labels, service.restarts);
    lag(labels, service.lag);
    state(labels, service.state);
    desired(labels, Number(service.desired === 'running'));
    degraded(labels, Number(service.health.status === 'degraded'));
  }
}
