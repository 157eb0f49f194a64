'use client';
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { TokenInfo } from '@/lib/api/access-schemas';
import { useRevokeToken, useTokens } from '@/lib/queries/access';
import { showFailure } from '@/lib/ui-state/toasts';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { Dialog } from '../ui/dialog';
import { Ago } from '../ui/figures';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { Panel } from '../ui/panel';
import { PlainTable } from '../ui/plain-table';
import { WithAccess } from './access-off';
import { TokenForm } from './token-form';

/** The tokens of machines. */
export function TokensPage() {
  return (
    <WithAccess title="API tokens">
      <TokensPanel />
    </WithAccess>
  );
}

function TokensPanel() {
  const [making, setMaking] = useState(false);
  return (
    <Panel
      title="API tokens"
      aside={
        <Button size="sm" icon={Plus} onClick={() => setMaking(true)}>
          New token
        </Button>
      }
    >
      <TokensTable />
      <Dialog open={making} onOpenChange={setMaking} title="A token for a machine">
        <TokenForm onDone={() => setMaking(false)} />
      </Dialog>
    </Panel>
  );
}

function TokensTable() {
  const { data, error, refetch } = useTokens();
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-24" />;
  if (data.tokens.length === 0)
    return (
      <Nothing title="No tokens">
        A machine sends one as <code className="font-mono">Authorization: Bearer …</code>. Prometheus needs one with the
        scope metrics.
      </Nothing>
    );
  return (
    <PlainTable<TokenInfo>
      label="API tokens"
      rows={data.tokens}
      rowKey={(token) => token.id}
      columns={[
        {
          name: 'For',
          cell: (token) => (
            <>
              <span className="font-medium">{token.name}</span>
              <p className="text-2xs whitespace-nowrap text-ink-faint sm:hidden">
                ends: <Ends token={token} />
              </p>
            </>
          ),
        },
        { name: 'May', cell: (token) => <span className="font-mono text-2xs">{token.scopes.join(' ')}</span> },
        { name: 'Made by', className: 'hidden md:table-cell', cell: (token) => token.createdBy },
        {
          name: 'Last used',
          className: 'hidden sm:table-cell',
          cell: (token) => (token.usedAt ? <Ago at={token.usedAt} /> : '–'),
        },
        {
          name: 'Ends',
          className: 'hidden whitespace-nowrap sm:table-cell',
          cell: (token) => <Ends token={token} />,
        },
        { name: 'Action', className: 'text-right', cell: (token) => <RevokeButton token={token} /> },
      ]}
    />
  );
}

/** The day; on a phone it stands below the name, so that the button keeps its word. */
function Ends({ token: { expired, expiresAt } }: { token: TokenInfo }) {
  if (expired) return <span className="text-attention">over</span>;
  return expiresAt?.slice(0, 10) ?? <span className="text-ink-faint">never</span>;
}

function RevokeButton({ token }: { token: TokenInfo }) {
  const [asking, setAsking] = useState(false);
  const revoke = useRevokeToken();
  return (
    <>
      <Button
        size="sm"
        icon={Trash2}
        pending={revoke.isPending}
        aria-label={`Revoke ${token.name}`}
        onClick={() => setAsking(true)}
      >
        Revoke
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Revoke the token for ${token.name}?`}
        action="Revoke"
        onConfirm={() =>
          revoke.mutate(token.id, { onError: (error) => showFailure('The token was not revoked', error) })
        }
      >
        <p>Whatever uses it is refused from the next call on.</p>
      </Confirm>
    </>
  );
}
