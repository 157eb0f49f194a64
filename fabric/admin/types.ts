import type { GroupOffsets, TopicStore } from '../log/types';
import type { VolumeStore } from '../volumes';
import type { GatewayStore } from './gateways';
import type { ObjectStores } from './object-stores';
import type { Parameters } from './parameters';
import type { StreamRegistry } from './streams';

/** What a command answers; an absent `total` is the number of rows. */
export interface CommandResult {
  data?: Record<string, unknown>[];
  messages?: string[];
}

/** One command of the admin API, such as `volume/mirror/start`. */
export interface AdminCommand {
  /** A GET of a command without it gets a bare HTML 405, as on current clusters. */
  methods: readonly ('GET' | 'POST')[];
  /** Errors become `status: "ERROR"` with their errno and text. */
  run(parameters: Parameters, body: () => Promise<unknown>): Promise<CommandResult> | CommandResult;
  /** True: `body` is the JSON that was sent, undefined when none was. Only for secrets, which have no place in a query. */
  takesBody?: boolean;
}

/** Other parts of the fabric add their commands here. */
export interface AdminCommands {
  /** Fails with CONFLICT when the name is taken. */
  register(name: string, command: AdminCommand): void;
}

/** As much of the tables (fabric/tables) as the admin API needs. */
export interface TableAdmin {
  /** False when it exists. */
  create(path: string): Promise<boolean>;
  /** False when there was none. */
  drop(path: string): Promise<boolean>;
  /** Fails with NOT_FOUND. */
  info(path: string): Promise<{ documents: number; bytes: number }>;
}

/** Where the doors of this fabric are reached, as `host:port`. */
export interface Doors {
  kafka: string;
  rest: string;
}

export interface AdminParts {
  /** The cluster name. */
  siteId: string;
  version: string;
  /** What is wrong with this fabric just now, a sentence each. */
  troubles: () => Promise<string[]>;
  /** Called at each request: the ports are known only once the doors listen. */
  doors: () => Doors;
  /** What this fabric does beyond the documented API, for clients to find out. */
  extensions: readonly string[];
  volumes: VolumeStore;
  gateways: GatewayStore;
  objectStores: ObjectStores;
  streams: StreamRegistry;
  topics: TopicStore;
  groupOffsets: GroupOffsets;
  tables: TableAdmin;
}

/** What changes something: POST only. */
export const MUTATION = ['POST'] as const;
/** What only reads. */
export const READ = ['GET', 'POST'] as const;
