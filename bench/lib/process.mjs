/** How the launcher starts a fabric (launcher/main.ts, launcher/child.ts): what is measured is what runs. */
export const EMBEDDED_PROCESS = {
  flags: ['--max-semi-space-size=4'],
  env: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '131072' },
};
