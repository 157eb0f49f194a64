'use client';
import { useId } from 'react';
import type { Link } from '@/lib/api/schemas';
import { useLinkChange } from '@/lib/queries/link';
import { showFailure } from '@/lib/ui-state/toasts';
import { useRefusal } from '../access/me';
import { NativeSelect } from '../ui/native-select';
import { Panel } from '../ui/panel';
import { Switch } from '../ui/switch';

type Conditions = NonNullable<Link['conditions']>;

const RATES = [
  { value: null, label: 'No limit' },
  { value: 1_250_000, label: '1.25 MB/s, 10 Mbit/s' },
  { value: 125_000, label: '125 kB/s, 1 Mbit/s' },
  { value: 32_000, label: '32 kB/s, 256 kbit/s' },
  { value: 8_000, label: '8 kB/s, 64 kbit/s' },
];
const LATENCIES = [
  { value: 0, label: 'None added' },
  { value: 80, label: '80 ms, mobile' },
  { value: 300, label: '300 ms, far away' },
  { value: 600, label: '600 ms, satellite' },
  { value: 2000, label: '2 s, very bad' },
];

/** Adds what is set by other means (the API), so that the control never shows what is not so. */
const withCurrent = <T extends number | null>(options: { value: T; label: string }[], value: T, unit: string) =>
  options.some((option) => option.value === value) ? options : [...options, { value, label: `${value} ${unit}` }];

/** The demonstration's link conditioner: cut, slow and delay the link. */
export function Conditioner({ edge, conditions }: { edge: string; conditions: Conditions }) {
  const ids = { cut: useId(), rate: useId(), latency: useId() };
  const change = useLinkChange(edge);
  const refusal = useRefusal('operator');
  const set = (next: Partial<Conditions>) =>
    change.mutate(
      { conditions: { ...conditions, ...next } },
      { onError: (error) => showFailure('The link conditioner was not set', error) },
    );
  return (
    <Panel
      title="Link conditioner"
      testId="conditioner"
      aside={<span className="rounded-sm border border-line px-1 py-0.5 text-2xs text-ink-faint">demo</span>}
    >
      <div className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-3 p-3 text-sm">
        <label htmlFor={ids.cut}>Cut the link</label>
        <Switch
          id={ids.cut}
          unavailable={refusal}
          checked={conditions.cut}
          onCheckedChange={(cut) => set({ cut })}
          className="justify-self-end"
        />
        <label htmlFor={ids.rate}>Rate</label>
        <NativeSelect
          id={ids.rate}
          unavailable={refusal}
          value={conditions.bytesPerSecond ?? ''}
          onChange={(event) => set({ bytesPerSecond: event.target.value === '' ? null : Number(event.target.value) })}
        >
          {withCurrent(RATES, conditions.bytesPerSecond, 'B/s').map((rate) => (
            <option key={rate.label} value={rate.value ?? ''}>
              {rate.label}
            </option>
          ))}
        </NativeSelect>
        <label htmlFor={ids.latency}>Latency</label>
        <NativeSelect
          id={ids.latency}
          unavailable={refusal}
          value={conditions.latencyMs}
          onChange={(event) => set({ latencyMs: Number(event.target.value) })}
        >
          {withCurrent(LATENCIES, conditions.latencyMs, 'ms').map((latency) => (
            <option key={latency.label} value={latency.value}>
              {latency.label}
            </option>
          ))}
        </NativeSelect>
        <p className="col-span-2 text-2xs text-ink-faint">
          Acts on everything between {edge} and HQ, so that you can see what the field sees.
        </p>
      </div>
    </Panel>
  );
}
