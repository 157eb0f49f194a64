/**
 * What the parts of `services/` are to each other and to the web API. Types only.
 */
import type { EventName, EventPayload, LogLine, Service } from '@/lib/api/schemas';
import type { Clock } from '@/lib/clock/clock';
import type { FieldlineConfig, SiteConfig } from '@/lib/config/schema';
import type { DesiredState, ServiceId, SiteRole } from '@/lib/domain/services';
import type { SitePorts } from '@/lib/ports';
import type { Tracer } from '@/lib/tracing';
import type { JobBoard } from './connections/job-board';

/** In-process events of the mission; the SSE endpoint forwards them. */
export interface EventHub {
  publish<N extends EventName>(name: N, payload: EventPayload<N>): void;
  /** Calls back for every later event, in order. Returns the unsubscriber. */
  subscribe(listener: (event: HubEvent) => void): () => void;
  /** Events after `id`, oldest first; null when the hub no longer has them all (the client then needs a snapshot). */
  since(id: string): HubEvent[] | null;
  readonly lastId: string;
}
export interface HubEvent {
  /** Opaque; grows; carries the process epoch, so that an id from before a restart is known to be stale. */
  id: string;
  name: EventName;
  payload: EventPayload<EventName>;
}

/** Logger of one service at one site. Levels below the service's switch are dropped; the rest goes to pino and, as `log` events, to the pages. */
export interface ServiceLog {
  error(message: string, data?: Record<string, unknown>): void;
  warn(message: string, data?: Record<string, unknown>): void;
  info(message: string, data?: Record<string, unknown>): void;
  debug(message: string, data?: Record<string, unknown>): void;
}
export type LogLevel = LogLine['level'] | 'off';

/** What a service gets; nothing is imported that could be injected, since HQ and edges live in one process. */
export interface ServiceContext {
  readonly site: { readonly id: string; readonly role: SiteRole };
  readonly ports: SitePorts;
  readonly config: FieldlineConfig;
  readonly clock: Clock;
  readonly log: ServiceLog;
  readonly tracer: Tracer;
  readonly events: EventHub;
  readonly report: ServiceReport;
  /** Aborts when the service is asked to stop. */
  readonly signal: AbortSignal;
}

/** How a service tells the supervisor how it does. Counting is cheap: call it for every asset. */
export interface ServiceReport {
  processed(count: number, what?: string): void;
  /** A try that failed, of whatever: a record, a download, a batch, a round. Also one that is made again, of which nothing is lost. */
  failed(error: unknown): void;
  deadLettered(count?: number): void;
  /** Null: healthy again. `part` names the part of the service that speaks: each part takes back only its own reason. */
  degraded(reason: string | null, part?: string): void;
  lag(records: number | null): void;
  /** How long one piece of work took: a batch of messages, a download, a round that changed something. */
  took(ms: number): void;
}

/** A service: built by its definition, started once, stopped once. */
export interface ServiceInstance {
  /** Rejects when the service can not go on; resolves after `stop`. */
  readonly done: Promise<void>;
  /** Finishes what is in hand and lets go of everything, within the supervisor's deadline. */
  stop(): Promise<void>;
  /** Hints that there may be something to do now (a row was written, the link came up). Never required for correctness. */
  wake?(reason: string): void;
}
export interface ServiceDefinition {
  readonly id: ServiceId;
  /** Resolves when the service is running. */
  start(context: ServiceContext): Promise<ServiceInstance>;
}

/** The services of one site. */
export interface Supervisor {
  list(): Service[];
  /** Undefined for an id that this site does not have. */
  get(id: string): Service | undefined;
  /** Stores the desired state durably, then reconciles. Resolves when it is stored, not when it is reached. */
  setDesired(id: ServiceId, desired: DesiredState): Promise<Service>;
  setLogLevel(id: ServiceId, level: LogLevel): Service;
  wake(id: ServiceId, reason: string): void;
  /** Does something while a service is stopped, whatever is desired of it; then it goes on. Neither is stored. */
  whileStopped<T>(id: ServiceId, work: () => Promise<T>): Promise<T>;
  /** Stops every service without touching the desired states. */
  stop(): Promise<void>;
}

/** What is known of a site's fabric from here. */
export interface FabricHealth {
  state: 'ok' | 'degraded' | 'unavailable' | 'unknown';
  reason: string | null;
  /** When this state began, ms since the epoch. */
  since: number | null;
  asOf: number;
  /** How often since the start it was found not well, or could not be made ready. */
  failures: number;
}

export interface SiteRuntime {
  readonly id: string;
  readonly role: SiteRole;
  readonly config: SiteConfig;
  readonly ports: SitePorts;
  readonly supervisor: Supervisor;
  fabricHealth(): FabricHealth;
}

/** Everything that runs in this process. One per process; see services/runtime/global.ts. */
export interface Runtime {
  /** Another one after `reconfigure`. */
  readonly config: FieldlineConfig;
  readonly sites: ReadonlyMap<string, SiteRuntime>;
  readonly events: EventHub;
  readonly clock: Clock;
  /** Work on the connections of the sites. */
  readonly jobs: JobBoard;
  /**
   * Goes on with another configuration: these sites are stopped and started anew on it. Resolves when they have been started; their fabrics
   * are waited for behind.
   */
  reconfigure(config: FieldlineConfig, sites: readonly string[]): Promise<void>;
  /** Ports on a fabric that no site stands on yet. Whoever asks for them closes them. */
  openPorts(config: FieldlineConfig, site: SiteConfig): SitePorts;
  readonly tracer: Tracer;
  /** Not ready: why, one sentence each. */
  health(): { ready: boolean; reasons: string[] };
  stop(): Promise<void>;
}
