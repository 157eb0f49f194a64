export { registerDagDoor, TABLE_EXTENSIONS } from './door';
export { openTables } from './store';
export type { FindParameters, TableStore, TablesOptions, UpdateResult, WriteMode } from './types';
