import type { Metadata } from 'next';
import { Guarded } from '../../_lib/guard';
import { AuditPage } from '../../components/access/audit-page';

export const metadata: Metadata = { title: 'Audit log' };

/** Who changed what. */
export default function Page() {
  return (
    <Guarded need="admin">
      <AuditPage />
    </Guarded>
  );
}
