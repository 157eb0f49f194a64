/** How little memory the processes of an installation keep. What each setting is worth: bench/README.md. */

/** `flags` of Node, before the program; `env`: settings of glibc's malloc. */
export interface ProcessMemory {
  flags: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** V8's space for young objects grows to three times this. */
const youngSpace = (mb: number) => [`--max-semi-space-size=${mb}`];

/**
 * glibc gives every thread an arena of its own, and keeps what images and fsyncs once needed in each; and once a large block was freed it
 * takes the next ones from its heap, which gives nothing back. Fixed limits keep it to what is used.
 */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/** The services make many objects a message: with less they collect for a sixth of the time. */
export const APP_MEMORY: ProcessMemory = { flags: youngSpace(16), env: MALLOC };

/**
 * A fabric moves bytes and waits for disks, so little is enough. Node reads a socket into blocks of 64 KiB; in glibc's heap a load of them
 * leaves gaps that the system never gets back, mapped each goes back when it is dropped.
 */
export const FABRIC_MEMORY: ProcessMemory = {
  flags: youngSpace(1),
  env: { ...MALLOC, MALLOC_MMAP_THRESHOLD_: '65536' },
};
