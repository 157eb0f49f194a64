import { type ComponentProps, type ReactNode, useId } from 'react';
import { cx } from '../ui/cx';
import { NativeSelect } from '../ui/native-select';
import type { FormState } from './form-state';

const LOOK =
  'w-full rounded-md border border-line bg-raised px-2 text-sm text-ink placeholder:text-ink-faint hover:border-line-strong aria-invalid:border-failed';

export const TextInput = ({ className, ...rest }: ComponentProps<'input'>) => (
  <input {...rest} className={cx('h-8', LOOK, className)} />
);

export const CA_HELP = 'PEM of the authority that signed the certificate; empty for the authorities of the system';

export interface FieldProps {
  form: FormState;
  /** Where it is in the connection: `postgres.host`. */
  path: string;
  label: string;
  help?: ReactNode;
}

/** A label, a control, what helps to fill it, and what is wrong with it. */
export function Field({
  form,
  path,
  label,
  help,
  children,
}: FieldProps & {
  children: (props: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => ReactNode;
}) {
  const id = useId();
  const error = form.errors[path];
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-soft">
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-help`, 'aria-invalid': error !== undefined })}
      <p id={`${id}-help`} className={cx('text-2xs', error ? 'text-failed' : 'text-ink-faint')}>
        {error ?? help}
      </p>
    </div>
  );
}

/** What an empty field says: nothing, so that the schema's default or its complaint applies. */
const textOf = (text: string) => (text === '' ? undefined : text);

/** One line that is typed. `read`: the setting that a text means. */
function LineField({
  read = textOf,
  input,
  ...props
}: FieldProps & { read?: (text: string) => unknown; input: ComponentProps<'input'> }) {
  const { form, path } = props;
  return (
    <Field {...props}>
      {(control) => (
        <TextInput
          autoComplete="off"
          {...input}
          {...control}
          value={form.text(path)}
          onChange={(event) => form.set(path, read(event.target.value))}
        />
      )}
    </Field>
  );
}

export const TextField = ({ placeholder, ...props }: FieldProps & { placeholder?: string }) => (
  <LineField {...props} input={{ placeholder, spellCheck: false }} />
);

export const NumberField = ({ placeholder, ...props }: FieldProps & { placeholder?: string }) => (
  <LineField {...props} read={numberOf} input={{ placeholder, inputMode: 'numeric' }} />
);

/** What is no number stays as it was typed, to be named by the check. */
const numberOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : textOf(text));

/** Written, never read: what is there stays unless something is typed. `kept`: there is one. */
export const SecretField = ({ kept, ...props }: FieldProps & { kept: boolean }) => (
  <LineField
    {...props}
    input={{
      type: 'password',
      placeholder: kept ? 'kept; type to replace' : undefined,
      autoComplete: 'new-password',
    }}
  />
);

export function PemField({ kept, ...props }: FieldProps & { kept: boolean }) {
  const { form, path } = props;
  return (
    <Field {...props}>
      {(control) => (
        <textarea
          {...control}
          value={form.text(path)}
          rows={3}
          placeholder={kept ? 'kept; paste to replace' : '-----BEGIN CERTIFICATE-----'}
          spellCheck={false}
          onChange={(event) => form.set(path, textOf(event.target.value))}
          className={cx('py-1.5 font-mono text-2xs', LOOK)}
        />
      )}
    </Field>
  );
}

export function ChoiceField({
  options,
  ...props
}: FieldProps & { options: readonly { value: string; label: string }[] }) {
  const { form, path } = props;
  return (
    <Field {...props}>
      {(control) => (
        <NativeSelect
          {...control}
          value={form.text(path)}
          onChange={(event) => form.set(path, textOf(event.target.value))}
          className="h-8 w-full text-sm"
        >
          {options.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </NativeSelect>
      )}
    </Field>
  );
}

/** Switches a setting, or a group of settings, on and off. */
export function CheckField({
  checked,
  onChange,
  label,
  help,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  help?: string;
}) {
  const id = useId();
  return (
    <div className="flex items-start gap-2 sm:col-span-2">
      <input
        id={id}
        type="checkbox"
        checked={checked}
        aria-describedby={help ? `${id}-help` : undefined}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 accent-accent"
      />
      <div>
        <label htmlFor={id} className="text-sm">
          {label}
        </label>
        {help && (
          <p id={`${id}-help`} className="text-2xs text-ink-faint">
            {help}
          </p>
        )}
      </div>
    </div>
  );
}

/** Fields that belong together. */
export const FieldGroup = ({ title, children }: { title: string; children: ReactNode }) => (
  <fieldset className="grid min-w-0 gap-x-4 gap-y-2 sm:grid-cols-2">
    <legend className="mb-1.5 text-sm font-semibold">{title}</legend>
    {children}
  </fieldset>
);
