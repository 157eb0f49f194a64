import { type FormEvent, useId, useState } from 'react';
import { flushSync } from 'react-dom';
import type { ConnectionInfo, ConnectionInput, ConnectionTargetView, FabricView } from '@/lib/api/connections';
import { useDraft } from '@/lib/queries/connections';
import { Button } from '../ui/button';
import { Note, Problem } from '../ui/notes';
import { DataFabricFields } from './datafabric-fields';
import { EmbeddedFields } from './embedded-fields';
import { startValues, useFormState } from './form-state';
import { KafkaFields } from './kafka-fields';
import { KIND_LABEL } from './target-facts';
import { UpstreamFields } from './upstream-fields';
import { useUpstreamState } from './upstream-state';

const KIND_HELP: Record<FabricView['kind'], string> = {
  embedded: 'One process on local disk, nothing to install. For field teams and small headquarters.',
  kafka: 'Streams on Apache Kafka, tables in PostgreSQL, volumes in an S3 bucket. For a large headquarters.',
  datafabric: 'Everything on a cluster. HQ and its edges are all on clusters, or none is.',
};

/** Enters what a site is to stand on. Nothing uses it before it is put to use. */
export function ConnectionForm({
  connection,
  start: { fabric: start, upstream: dialled },
  onClose,
}: {
  connection: ConnectionInfo;
  /** What the form begins with. */
  start: ConnectionTargetView;
  onClose: () => void;
}) {
  const isEdge = connection.role === 'edge';
  const [kind, setKind] = useState<FabricView['kind']>(connection.draft || isEdge ? start.kind : 'kafka');
  const { form, setValues, setErrors } = useFormState(startValues(kind, start));
  const upstream = useUpstreamState(dialled);
  const save = useDraft(connection.site);
  const name = useId();
  const kept = start.kind === kind ? start : null;

  const choose = (next: FabricView['kind']) => {
    setKind(next);
    setErrors({});
    setValues(startValues(next, start));
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const hq = isEdge ? upstream.entered(kind) : undefined;
    const input = { fabric: form.values, ...(hq && { upstream: hq }) };
    // The schemas of the server, fetched when they are first needed.
    const { ConnectionInputSchema } = await import('@/lib/api/connections');
    const checked = ConnectionInputSchema.safeParse(input);
    if (checked.success) return save.mutate(input as unknown as ConnectionInput, { onSuccess: onClose });
    // At once: the first field that is marked takes the focus.
    flushSync(() => {
      const { fabric = {}, upstream: dialling = {} } = errorsOf(checked.error.issues);
      setErrors(fabric);
      upstream.setErrors(dialling);
    });
    element.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  return (
    <form
      aria-label={`Connect ${connection.site}`}
      noValidate
      onSubmit={(event) => void submit(event)}
      className="flex flex-col gap-4 rounded-md border border-accent/40 p-3"
    >
      <fieldset>
        <legend className="mb-1.5 text-sm font-semibold">Connect with</legend>
        <div className="grid gap-2 md:grid-cols-3">
          {connection.kinds.map((one) => (
            <label
              key={one}
              className="flex cursor-pointer items-start gap-2 rounded-md border border-line p-2.5 hover:border-line-strong has-checked:border-accent has-checked:bg-raised"
            >
              <input
                type="radio"
                name={name}
                value={one}
                checked={kind === one}
                onChange={() => choose(one)}
                className="mt-0.5 accent-accent"
              />
              <span>
                <span className="block text-sm font-medium">{KIND_LABEL[one]}</span>
                <span className="block text-2xs text-ink-faint">{KIND_HELP[one]}</span>
              </span>
            </label>
          ))}
        </div>
      </fieldset>
      {connection.against[kind] !== null && <Note tone="attention">{connection.against[kind]}.</Note>}
      {kind === 'embedded' && <EmbeddedFields form={form} />}
      {kind === 'kafka' && (
        <KafkaFields form={form} kept={kept?.kind === 'kafka' ? kept : null} role={connection.role} />
      )}
      {kind === 'datafabric' && (
        <DataFabricFields form={form} kept={kept?.kind === 'datafabric' ? kept : null} role={connection.role} />
      )}
      {isEdge && kind !== 'datafabric' && (
        <UpstreamFields form={upstream.form} kept={dialled} kind={kind} dial={upstream.dial} onDial={upstream.choose} />
      )}
      {save.error && <Problem error={save.error} className="p-0" />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Leave it</Button>
        <Button type="submit" kind="primary" pending={save.isPending}>
          Save as draft
        </Button>
      </div>
    </form>
  );
}

interface Issue {
  path: PropertyKey[];
  message: string;
  code?: string;
  /** Of a union: the issues of each of its members. */
  errors?: Issue[][];
}

/** What the schemas say of nothing, and of a list or text that is empty. */
const IS_MISSING = /received undefined|expected (array|string) to have >=1/;

/** For the fabric and for HQ, by the path of the field. A field that is missing says so in a word. */
function errorsOf(issues: readonly Issue[]): Record<string, Record<string, string>> {
  const errors: Record<string, Record<string, string>> = {};
  for (const { path, message } of issues.flatMap(meant)) {
    // Members of a list belong to its one field; brokers are one list in the form, whatever they are in the connection.
    const [part, ...rest] = path.filter((key) => typeof key === 'string');
    const field = rest.join('.').replace(/^kafka$/, 'brokers');
    if (part === undefined) continue;
    errors[part] = { [field]: IS_MISSING.test(message) ? 'is needed' : message, ...errors[part] };
  }
  return errors;
}

/** Of a union, the issues of the member whose fields were entered. */
function meant(issue: Issue): Issue[] {
  const fits = (some: Issue[]) => some.every(({ code, path }) => code !== 'unrecognized_keys' && path.length > 0);
  const member = issue.errors?.find(fits);
  return member ? member.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })) : [issue];
}
