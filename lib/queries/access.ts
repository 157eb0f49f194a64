/** Sign-in, users, tokens and the audit log, from the pages. */
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  AuditPage,
  Me,
  SessionInfo,
  TokenCreate,
  TokenCreated,
  TokenInfo,
  UserCreate,
  UserInfo,
  UserUpdate,
} from '@/lib/api/access-schemas';
import { callApi } from './http';
import { keys } from './keys';

export const signIn = (body: { name: string; password: string }) =>
  callApi<Me>('/api/session', { method: 'POST', body });
export const setUp = (body: { token: string; name: string; password: string }) =>
  callApi<Me>('/api/set-up', { method: 'POST', body });
export const signOut = () => callApi<void>('/api/session', { method: 'DELETE' });
/** Fails with UNAUTHENTICATED once the session is over, which leads to the sign-in page. */
export const checkSession = () => callApi<Me>('/api/session');
export const changePassword = (body: { current: string; next: string }) =>
  callApi<Me>('/api/session/password', { method: 'PUT', body });

export const useUsers = () =>
  useQuery(
    queryOptions({
      queryKey: keys.users(),
      queryFn: ({ signal }) => callApi<{ users: UserInfo[] }>('/api/access/users', { signal }),
    }),
  );

export const useSessions = () =>
  useQuery(
    queryOptions({
      queryKey: keys.sessions(),
      queryFn: ({ signal }) => callApi<{ sessions: SessionInfo[] }>('/api/access/sessions', { signal }),
    }),
  );

export const useTokens = () =>
  useQuery(
    queryOptions({
      queryKey: keys.tokens(),
      queryFn: ({ signal }) => callApi<{ tokens: TokenInfo[] }>('/api/access/tokens', { signal }),
    }),
  );

export interface AuditFilter {
  who: string;
  what: string;
  result: string;
}
const auditSearch = (filter: AuditFilter) =>
  new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== '')).toString();

export const auditExportPath = (filter: AuditFilter) => `/api/access/audit/export?${auditSearch(filter)}`;

export const useAudit = (filter: AuditFilter, limit: number) =>
  useQuery(
    queryOptions({
      queryKey: keys.audit(filter, limit),
      queryFn: ({ signal }) =>
        callApi<AuditPage>(`/api/access/audit?limit=${limit}&${auditSearch(filter)}`, { signal }),
      // The log grows while one looks at it.
      staleTime: 0,
      placeholderData: (before) => before,
    }),
  );

/** A change of users, sessions or tokens; all three lists are read anew, since one changes another. */
function useAccessChange<Wish, Answer>(change: (wish: Wish) => Promise<Answer>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => client.invalidateQueries({ queryKey: keys.access() }),
  });
}

const at = (kind: string, id: string) => `/api/access/${kind}/${encodeURIComponent(id)}`;

export const useCreateUser = () =>
  useAccessChange((body: UserCreate) => callApi<UserInfo>('/api/access/users', { method: 'POST', body }));
export const useUpdateUser = () =>
  useAccessChange(({ id, ...body }: UserUpdate & { id: string }) =>
    callApi<UserInfo>(at('users', id), { method: 'PUT', body }),
  );
export const useDeleteUser = () =>
  useAccessChange((id: string) => callApi<void>(at('users', id), { method: 'DELETE' }));
export const useEndSession = () =>
  useAccessChange((id: string) => callApi<void>(at('sessions', id), { method: 'DELETE' }));
export const useCreateToken = () =>
  useAccessChange((body: TokenCreate) => callApi<TokenCreated>('/api/access/tokens', { method: 'POST', body }));
export const useRevokeToken = () =>
  useAccessChange((id: string) => callApi<TokenInfo>(at('tokens', id), { method: 'DELETE' }));
