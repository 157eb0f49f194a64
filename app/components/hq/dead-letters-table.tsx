'use client';
import { Send } from 'lucide-react';
import type { DeadLetterInfo } from '@/lib/api/schemas';
import { useDeadLetters, useResend } from '@/lib/queries/dead-letters';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { Button } from '../ui/button';
import { Ago } from '../ui/figures';
import { Nothing, Problem, Skeleton } from '../ui/notes';
import { PlainTable } from '../ui/plain-table';

/** Messages that a site could not process, each with the reason and a way to send it again. */
export function DeadLettersTable({ site }: { site: string }) {
  const { data, error, refetch } = useDeadLetters(site);
  if (error && !data) return <Problem error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton className="m-3 h-24" />;
  if (data.deadLetters.length === 0)
    return (
      <Nothing title="No dead letters">A message that can not be processed is set aside here, with the reason.</Nothing>
    );
  return (
    <PlainTable<DeadLetterInfo>
      label={`Dead letters at ${site}`}
      rows={data.deadLetters}
      rowKey={(letter) => letter.id}
      columns={[
        { name: 'Service', cell: (letter) => <span className="font-medium">{letter.service}</span> },
        {
          name: 'Reason',
          className: 'w-1/2',
          cell: (letter) => (
            <details>
              <summary className="rounded-sm">
                {letter.reason} <span className="font-mono text-2xs text-ink-faint">{letter.code}</span>
              </summary>
              <pre className="mt-1 max-h-40 overflow-auto rounded-md bg-raised p-2 font-mono text-2xs break-all whitespace-pre-wrap">
                {letter.value}
              </pre>
            </details>
          ),
        },
        { name: 'Topic', className: 'hidden lg:table-cell font-mono text-2xs', cell: (letter) => letter.topic },
        { name: 'When', className: 'text-right', cell: (letter) => <Ago at={letter.at} /> },
        { name: 'Action', className: 'text-right', cell: (letter) => <ResendButton site={site} letter={letter} /> },
      ]}
    />
  );
}

function ResendButton({ site, letter }: { site: string; letter: DeadLetterInfo }) {
  const resend = useResend(site);
  const refusal = useRefusal('operator');
  return (
    <Button
      size="sm"
      icon={Send}
      pending={resend.isPending}
      unavailable={refusal}
      aria-label={`Resend the message of ${letter.service} with key ${letter.key}`}
      onClick={() =>
        resend.mutate(letter.id, { onError: (failure) => showFailure('The message was not sent again', failure) })
      }
    >
      Resend
    </Button>
  );
}
