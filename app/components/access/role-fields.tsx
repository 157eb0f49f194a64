'use client';
import { useId } from 'react';
import { ROLES, type Role } from '@/lib/domain/access';
import { useSites } from '@/lib/queries/sites';
import { NativeSelect } from '../ui/native-select';

export const ROLE_WORDS: Record<Role, string> = {
  viewer: 'Viewer: looks',
  field: 'Field: requests and mirrors at one site',
  operator: 'Operator: services and links everywhere',
  admin: 'Administrator: users and connections too',
};

/** A role, and the site that a field role works at. */
export function RoleFields({
  role,
  site,
  onChange,
}: {
  role: Role;
  site: string | null;
  onChange: (next: { role: Role; site: string | null }) => void;
}) {
  const { data } = useSites();
  const edges = (data?.sites ?? []).filter((other) => other.role === 'edge').map((other) => other.id);
  const id = useId();
  return (
    <>
      <div className="flex flex-col gap-1">
        <label htmlFor={`${id}-role`} className="text-xs font-medium text-ink-soft">
          Role
        </label>
        <NativeSelect
          id={`${id}-role`}
          className="h-9 text-sm"
          value={role}
          onChange={(event) => {
            const next = event.target.value as Role;
            onChange({ role: next, site: next === 'field' ? (site ?? edges[0] ?? null) : null });
          }}
        >
          {ROLES.map((word) => (
            <option key={word} value={word}>
              {ROLE_WORDS[word]}
            </option>
          ))}
        </NativeSelect>
      </div>
      {role === 'field' && (
        <div className="flex flex-col gap-1">
          <label htmlFor={`${id}-site`} className="text-xs font-medium text-ink-soft">
            Site
          </label>
          <NativeSelect
            id={`${id}-site`}
            className="h-9 text-sm"
            value={site ?? ''}
            onChange={(event) => onChange({ role, site: event.target.value })}
          >
            {(site && !edges.includes(site) ? [site, ...edges] : edges).map((edge) => (
              <option key={edge}>{edge}</option>
            ))}
          </NativeSelect>
        </div>
      )}
    </>
  );
}
