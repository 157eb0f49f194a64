export { createDesiredStore, type DesiredStore } from './desired-store';
export type { LogSink } from './service-log';
export { createSupervisor, type SiteSupervisor } from './supervisor';
