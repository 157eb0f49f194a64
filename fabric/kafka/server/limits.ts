/** What one client, and all together, may cost. */

/** Kafka's own default is 100 MiB; nothing here sends more than a few. */
export const FRAME_BYTES_MAX = 32 * 1024 * 1024;
/** Smaller than the smallest request header: not Kafka. */
export const FRAME_BYTES_MIN = 8;
/** One record batch; told to clients as `message.max.bytes`. */
export const BATCH_BYTES_MAX = 16 * 1024 * 1024;
/** Requests of one connection that are not answered yet: beyond this its socket is not read. Holds several of the largest usual requests (1 MiB). */
export const CONNECTION_IN_FLIGHT_BYTES_MAX = 8 * 1024 * 1024;
/** Of all connections together, as far as it has come; one that sends more beyond this is cut off, and its client comes again. */
export const TOTAL_IN_FLIGHT_BYTES_MAX = 512 * 1024 * 1024;
/** Kafka clients hold two to three a process. */
export const CONNECTIONS_MAX = 1000;
/** As Kafka's `connections.max.idle.ms`. */
export const IDLE_TIMEOUT_MS = 600_000;
/** One fetch answer, but for a first batch that is larger. */
export const FETCH_RESPONSE_BYTES_MAX = 16 * 1024 * 1024;
/** A long poll is answered at the latest after this, whatever the client asks. */
export const FETCH_WAIT_MS_MAX = 60_000;
