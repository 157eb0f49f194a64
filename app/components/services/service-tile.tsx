'use client';
import type { Service } from '@/lib/api/schemas';
import { SERVICE_STATUS_STYLE, serviceStatus } from '@/lib/domain/status';
import { ageMs, formatCount, formatDuration, formatPerMinute } from '@/lib/format';
import { useNow } from '@/lib/ui-state/now';
import { Ago, Figure } from '../ui/figures';
import { Skeleton } from '../ui/notes';
import { StatusBadge } from '../ui/status-badge';
import { StatusIcon } from '../ui/status-icon';
import { HistoryBar } from './history-bar';
import { ServiceSwitch } from './service-switch';

/** A service at a glance: switch, state, health, rate, last activity, last error, history. */
export function ServiceTile({ service }: { service: Service }) {
  const status = serviceStatus(service.state, service.health.status);
  return (
    <article
      id={service.id}
      aria-label={service.title}
      data-testid={`service-${service.id}`}
      data-state={status}
      className="flex min-w-0 scroll-mt-16 flex-col gap-2 rounded-lg border border-line bg-surface p-3 target:border-accent"
    >
      <div className="flex items-start justify-between gap-2">
        <div className="min-w-0">
          <h2 className="truncate text-sm font-semibold" title={service.does}>
            {service.title}
          </h2>
          <div className="mt-0.5 flex items-center gap-1.5 text-2xs text-ink-faint">
            <StatusBadge style={SERVICE_STATUS_STYLE[status]} reason={service.health.reason} plain />
            <Ago at={service.stateSince} className="before:mr-1 before:content-['·']" />
          </div>
        </div>
        <ServiceSwitch service={service} />
      </div>
      <dl className="grid grid-cols-4 gap-2">
        <Figure label="Rate" title="Over the last minute">
          {formatPerMinute(service.ratePerMinute)}
        </Figure>
        <Figure label="Done" title="Processed since the start of the process">
          {formatCount(service.processed)}
        </Figure>
        <Figure
          label="Failed"
          title={`Tries that failed since the start of the process. What may pass is tried again; ${formatCount(service.deadLetters)} messages are kept as dead letters`}
        >
          <span className={service.failed > 0 ? 'text-failed' : undefined}>{formatCount(service.failed)}</span>
        </Figure>
        <Figure label="Waiting" title="Records that wait for this service">
          {formatCount(service.lag)}
        </Figure>
      </dl>
      <HistoryBar history={service.history} />
      <LastWords service={service} />
    </article>
  );
}

/** One line that matters most: why it is not well, or else what it did last. */
function LastWords({ service }: { service: Service }) {
  const now = useNow();
  const status = serviceStatus(service.state, service.health.status);
  const trouble =
    status === 'faulted' ? service.lastError?.message : status === 'degraded' ? service.health.reason : null;
  if (trouble) {
    const waitMs = status === 'faulted' && now > 0 ? ageMs(service.nextAttemptAt, now) : null;
    const style = SERVICE_STATUS_STYLE[status];
    return (
      <p className="flex min-w-0 items-start gap-1 text-2xs text-ink">
        <StatusIcon icon={style.icon} tone={style.tone} className="mt-0.5 size-3" />
        <span className="line-clamp-2 min-w-0 break-words" title={trouble}>
          {trouble}
          {waitMs !== null && (
            <span className="text-ink-faint">
              {waitMs >= 0 ? ' · starting again now' : ` · again in ${formatDuration(-waitMs / 1000)}`}
            </span>
          )}
        </span>
      </p>
    );
  }
  return (
    <p className="flex min-w-0 justify-between gap-2 text-2xs text-ink-faint">
      <span className="truncate" title={service.lastActivity ?? undefined}>
        {service.lastActivity ?? 'Nothing done yet'}
      </span>
      {service.lastError ? (
        <span title={`${service.lastError.code}: ${service.lastError.message}`} className="shrink-0">
          last error <Ago at={service.lastError.at} />
        </span>
      ) : (
        <Ago at={service.lastActivityAt} never="" className="shrink-0" />
      )}
    </p>
  );
}

export const ServiceTileSkeleton = () => <Skeleton className="h-[9.5rem] rounded-lg" />;
