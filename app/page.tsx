import { Guarded } from './_lib/guard';
import { MissionPage } from './components/mission/mission-page';

/** The mission at a glance. */
export default function Page() {
  return (
    <Guarded need="viewer">
      <MissionPage />
    </Guarded>
  );
}
