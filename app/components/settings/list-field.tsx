import { useId } from 'react';
import type { FormState } from './form-state';
import { TextInput } from './inputs';

/** A list in one field, as people write it. What is typed stays as it is: written anew at each key, a comma could not be taken back. */
export function ListField({
  form,
  path,
  label,
  placeholder,
  help,
}: {
  form: FormState;
  path: string;
  label: string;
  placeholder?: string;
  help: string;
}) {
  const id = useId();
  const error = form.errors[path];
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-soft">
        {label}
      </label>
      <TextInput
        id={id}
        defaultValue={form.text(path)}
        placeholder={placeholder}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-help`}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) =>
          form.set(
            path,
            event.target.value.split(/[\s,]+/).filter((member) => member !== ''),
          )
        }
      />
      <p id={`${id}-help`} className={error ? 'text-2xs text-failed' : 'text-2xs text-ink-faint'}>
        {error ?? help}
      </p>
    </div>
  );
}

export const BrokersField = ({ form }: { form: FormState }) => (
  <ListField
    form={form}
    path="brokers"
    label="Brokers"
    placeholder="kafka-1.example:9092, kafka-2.example:9092"
    help="host:port, one or more; they tell of the others"
  />
);
