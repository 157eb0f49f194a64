'use client';
import { createContext, type ReactNode, useContext } from 'react';
import type { Me } from '@/lib/api/access-schemas';
import { type AccessNeed, ALL_GRANTS, refusal } from '@/lib/domain/access';

/** With access control off, and in tests of a component by itself. */
const EVERYBODY: Me = {
  mode: 'off',
  id: 'local',
  name: 'this machine',
  via: 'none',
  role: 'admin',
  site: null,
  grants: ALL_GRANTS,
};
const Context = createContext<Me>(EVERYBODY);

export function MeProvider({ me, children }: { me: Me; children: ReactNode }) {
  return <Context.Provider value={me}>{children}</Context.Provider>;
}

/** Who looks at this page. */
export const useMe = (): Me => useContext(Context);

/** Why the person at this page can not use a control, at `site`; null when they can. The server decides again. */
export const useRefusal = (need: AccessNeed, site?: string): string | null => refusal(useMe().grants, need, site);
