/**
 * The figures port: what a fabric knows of itself and only it can tell, for metrics. Counters are since it started.
 *
 * Not in it: what the other ports tell (lag, links, mirrors).
 */
export interface FabricFigures {
  startedAt: number;
  /** Of the file system that holds its data. */
  disk: { freeBytes: number; sizeBytes: number };
  process: { residentBytes: number; cpuSeconds: number };
  kafka: {
    connections: number;
    /** By name of the API, such as `Produce`; bytes as framed, without the four of the length. */
    apis: { name: string; requests: number; bytesIn: number; bytesOut: number }[];
  };
  topics: { topics: number; partitions: number; bytes: number };
  volumes: { name: string; files: number; bytes: number }[];
}

export interface Figures {
  /** Fails with UNAVAILABLE or TIMEOUT, soon. */
  read(): Promise<FabricFigures>;
}
