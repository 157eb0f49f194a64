import { useId } from 'react';
import type { FormState } from './form-state';
import { TextInput } from './inputs';

/** A list in one field, as people write it. */
export function BrokersField({ form }: { form: FormState }) {
  const id = useId();
  const error = form.errors.brokers;
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-soft">
        Brokers
      </label>
      <TextInput
        id={id}
        defaultValue={form.text('brokers')}
        placeholder="kafka-1.example:9092, kafka-2.example:9092"
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-help`}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) =>
          form.set(
            'brokers',
            event.target.value.split(/[\s,]+/).filter((broker) => broker !== ''),
          )
        }
      />
      <p id={`${id}-help`} className={error ? 'text-2xs text-failed' : 'text-2xs text-ink-faint'}>
        {error ?? 'host:port, one or more; they tell of the others'}
      </p>
    </div>
  );
}
