import { useSyncExternalStore } from 'react';

/** It changes by being taken over, which React sees by itself. */
const never = () => () => undefined;

/**
 * False on the server and while its markup is taken over, true from then on. For what carries a style attribute: the pages' policy lets
 * none of the markup have an effect, while a script may set it.
 */
export const useDrawn = () =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
