export type { FaultPlan, Faults } from './faults';
export type { MemoryLink } from './links';
export { MemorySite } from './site';
