export type { DagExtension, DagTablesOptions } from './options';
export { createDagTables } from './tables';
