'use client';
import { Pencil, Plus, Trash2, UserCheck, UserX } from 'lucide-react';
import { useState } from 'react';
import type { UserInfo } from '@/lib/api/access-schemas';
import { useDeleteUser, useUpdateUser, useUsers } from '@/lib/queries/access';
import { showFailure } from '@/lib/ui-state/toasts';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Dialog } from '../ui/dialog';
import { Ago } from '../ui/figures';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { PlainTable } from '../ui/plain-table';
import { WithAccess } from './access-off';
import { SessionsPanel } from './sessions-panel';
import { UserForm } from './user-form';

/** The local users, and everybody's sessions. */
export function UsersPage() {
  return (
    <WithAccess title="Users">
      <UsersPanel />
      <SessionsPanel title="Signed in now" />
    </WithAccess>
  );
}

function UsersPanel() {
  const [editing, setEditing] = useState<UserInfo | 'new' | null>(null);
  const close = () => setEditing(null);
  return (
    <Panel
      title="Users"
      aside={
        <Button size="sm" icon={Plus} onClick={() => setEditing('new')}>
          Add user
        </Button>
      }
    >
      <UsersTable onEdit={setEditing} />
      <Dialog
        open={editing !== null}
        onOpenChange={close}
        title={editing === 'new' || editing === null ? 'Add a user' : `Change ${editing.name}`}
      >
        <UserForm user={editing === 'new' ? null : editing} onDone={close} />
      </Dialog>
    </Panel>
  );
}

function UsersTable({ onEdit }: { onEdit: (user: UserInfo) => void }) {
  const { data, error, refetch } = useUsers();
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-24" />;
  if (data.users.length === 0)
    return <Nothing title="No local users">People sign in through the provider or the proxy alone.</Nothing>;
  return (
    <PlainTable<UserInfo>
      label="Users"
      rows={data.users}
      rowKey={(user) => user.id}
      columns={[
        { name: 'Name', cell: (user) => <span className="font-medium">{user.name}</span> },
        {
          name: 'Role',
          cell: (user) => (
            <>
              {user.role}
              {user.site && <span className="text-ink-faint"> of {user.site}</span>}
              {user.disabled && (
                <span className="ml-2 rounded-sm border border-line px-1 text-2xs text-off">disabled</span>
              )}
            </>
          ),
        },
        { name: 'Changed', className: 'hidden sm:table-cell', cell: (user) => <Ago at={user.changedAt} /> },
        { name: 'Action', className: 'text-right', cell: (user) => <UserActions user={user} onEdit={onEdit} /> },
      ]}
    />
  );
}

/** What a button does, in a word where there is room for three of them; on a phone the icon alone. */
const Word = ({ children }: { children: string }) => <span className="sr-only md:not-sr-only">{children}</span>;

function UserActions({ user, onEdit }: { user: UserInfo; onEdit: (user: UserInfo) => void }) {
  const [asking, setAsking] = useState(false);
  const update = useUpdateUser();
  const remove = useDeleteUser();
  const turn = () =>
    update.mutate(
      { id: user.id, disabled: !user.disabled },
      { onError: (error) => showFailure(`${user.name} was not changed`, error) },
    );
  return (
    <div className="flex justify-end gap-1">
      <Button size="sm" kind="quiet" icon={Pencil} aria-label={`Change ${user.name}`} onClick={() => onEdit(user)}>
        <Word>Change</Word>
      </Button>
      <Button
        size="sm"
        kind="quiet"
        icon={user.disabled ? UserCheck : UserX}
        aria-label={`${user.disabled ? 'Enable' : 'Disable'} ${user.name}`}
        pending={update.isPending}
        onClick={turn}
      >
        <Word>{user.disabled ? 'Enable' : 'Disable'}</Word>
      </Button>
      <Button size="sm" kind="quiet" icon={Trash2} aria-label={`Remove ${user.name}`} onClick={() => setAsking(true)}>
        <Word>Remove</Word>
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Remove ${user.name}?`}
        action="Remove"
        onConfirm={() =>
          remove.mutate(user.id, { onError: (error) => showFailure(`${user.name} was not removed`, error) })
        }
      >
        <p>Their sessions end at once. The audit log keeps what they did.</p>
      </Confirm>
    </div>
  );
}
