import { Activity, PlugZap } from 'lucide-react';
import { useState } from 'react';
import type { ConnectionInfo } from '@/lib/api/connections';
import { HQ_SITE_ID } from '@/lib/domain/naming';
import { useConnectionTest } from '@/lib/queries/connections';
import { useSites } from '@/lib/queries/sites';
import { Button } from '../ui/button';
import { Ago } from '../ui/figures';
import { Note, Problem } from '../ui/notes';
import { Panel } from '../ui/panel';
import { ConnectionForm } from './connection-form';
import { DoorResults } from './door-results';
import { Draft } from './draft';
import { JobSteps } from './job-steps';
import { Previous } from './previous';
import { KIND_LABEL, TargetFacts } from './target-facts';

/** One site: what it stands on, what is being prepared for it, and what it stood on before. */
export function SiteConnection({ mission, connection }: { mission: string; connection: ConnectionInfo }) {
  const { site, role, inUse, draft, previous, job } = connection;
  const [editing, setEditing] = useState(false);
  const test = useConnectionTest(site);
  const health = useSites().data?.sites.find((one) => one.id === site)?.fabric;
  const busy = job?.state === 'running' ? 'Wait until the work on this connection is over' : null;
  return (
    <Panel
      testId={`connection-${site}`}
      title={site === HQ_SITE_ID ? 'HQ' : site}
      aside={
        <>
          <Button size="sm" icon={Activity} pending={test.isPending} onClick={() => test.mutate('inUse')}>
            {test.isPending ? 'Testing …' : 'Test now'}
          </Button>
          {!draft && !editing && (
            <Button
              size="sm"
              // An edge mostly stays what it is: its page is not for going elsewhere.
              kind={role === 'hq' ? 'primary' : undefined}
              icon={PlugZap}
              unavailable={busy}
              onClick={() => setEditing(true)}
            >
              {role === 'hq' ? 'Connect elsewhere' : 'Change connection'}
            </Button>
          )}
        </>
      }
      bodyClassName="flex flex-col gap-4 p-3"
    >
      <section aria-label={`What ${site} stands on`} className="flex flex-col gap-2">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <h3 className="text-base font-semibold">{KIND_LABEL[inUse.fabric.kind]}</h3>
          <span className="text-xs text-ink-faint">
            {inUse.source === 'configuration' ? 'as the configuration says' : 'as connected here'}
          </span>
        </div>
        {health?.reason && health.state !== 'ok' && (
          <Note tone={health.state === 'unavailable' ? 'failed' : 'attention'}>
            {health.reason} <Ago at={health.since} className="text-ink-soft" />
          </Note>
        )}
        <TargetFacts target={inUse} />
        {test.error && <Problem error={test.error} className="p-0" />}
        {test.data && <DoorResults test={test.data} />}
      </section>

      {editing && (
        <ConnectionForm connection={connection} start={draft?.target ?? inUse} onClose={() => setEditing(false)} />
      )}
      {draft && !editing && (
        <Draft
          mission={mission}
          connection={connection}
          draft={draft}
          busy={busy}
          isAway={health?.state === 'unavailable'}
          onEdit={() => setEditing(true)}
        />
      )}
      {job && <JobSteps job={job} />}
      {previous.length > 0 && (
        <Previous mission={mission} site={site} previous={previous} busy={busy} drafting={draft !== null || editing} />
      )}
    </Panel>
  );
}
