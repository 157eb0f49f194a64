import type { FormState } from './form-state';
import { Field, type FieldProps, TextInput } from './inputs';

/** A list in one field, as people write it. What is typed stays as it is: written anew at each key, a comma could not be taken back. */
export function ListField({ placeholder, ...props }: FieldProps & { placeholder?: string }) {
  const { form, path } = props;
  return (
    <Field {...props}>
      {(control) => (
        <TextInput
          {...control}
          defaultValue={form.text(path)}
          placeholder={placeholder}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) =>
            form.set(
              path,
              event.target.value.split(/[\s,]+/).filter((member) => member !== ''),
            )
          }
        />
      )}
    </Field>
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
