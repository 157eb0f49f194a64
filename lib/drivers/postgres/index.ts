export { createPostgresHold } from './hold';
export type { PostgresTablesOptions } from './options';
export { createPostgresTables } from './tables';
