import { FieldlineError } from '@/lib/errors';
import { Note } from '../ui/notes';

/** Why a form was not taken, where the eye is. */
export function FormProblem({ error }: { error: unknown }) {
  if (!error) return null;
  const remedy = error instanceof FieldlineError ? error.remedy : undefined;
  return (
    <div role="alert">
      <Note tone="failed">
        <p className="font-medium">{error instanceof Error ? error.message : String(error)}</p>
        {remedy && <p className="mt-0.5 text-ink-soft">{remedy}</p>}
      </Note>
    </div>
  );
}
