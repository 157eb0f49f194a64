'use client';
import { useMission } from '@/lib/queries/mission';
import { Problem } from '../ui/notes';
import { LatestImagery } from './latest-imagery';
import { MissionMap } from './mission-map';
import { VerdictStrip } from './verdict-strip';

/** Verdict, picture of the mission, latest imagery. */
export function MissionPage() {
  const mission = useMission();
  if (mission.error && mission.sites.length === 0) return <Problem error={mission.error} onRetry={mission.refetch} />;
  return (
    <div className="mx-auto flex w-full max-w-[120rem] flex-1 flex-col gap-3 p-3 sm:p-4">
      <VerdictStrip mission={mission} heading="The mission at a glance" />
      <MissionMap mission={mission} />
      <div className="grid gap-3 lg:grid-cols-2">
        {mission.sites
          .filter((site) => site.hosted)
          .map((site) => (
            <LatestImagery key={site.id} site={site} />
          ))}
      </div>
    </div>
  );
}
