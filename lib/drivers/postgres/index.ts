export type { PostgresTablesOptions } from './options';
export { createPostgresTables } from './tables';
