import { MissionPage } from './components/mission/mission-page';

/** The mission at a glance. */
export default function Page() {
  return <MissionPage />;
}
