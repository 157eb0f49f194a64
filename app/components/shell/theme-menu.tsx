'use client';
import { Check, Contrast, Moon, Sun } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import { Button } from '../ui/button';
import { type Appearance, applyAppearance, type Contrast as ContrastName, type Theme } from './appearance';

const ITEM =
  'flex h-8 cursor-pointer items-center gap-2 rounded-md px-2 text-sm text-ink outline-none data-highlighted:bg-surface';

/** Dark, or light for sun; with more contrast where it is wanted. */
export function ThemeMenu() {
  const [look, setLook] = useState<Appearance>({ theme: 'dark', contrast: 'normal' });
  const change = (next: Appearance) => {
    applyAppearance(next);
    setLook(next);
  };
  const readFromPage = (open: boolean) => {
    const { theme, contrast } = document.documentElement.dataset;
    if (open) setLook({ theme: (theme as Theme) ?? 'dark', contrast: (contrast as ContrastName) ?? 'normal' });
  };
  return (
    <DropdownMenu.Root onOpenChange={readFromPage}>
      <DropdownMenu.Trigger asChild>
        <Button kind="quiet" icon={Contrast} aria-label="Appearance" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={6}
          className="z-50 min-w-44 rounded-lg border border-line-strong bg-raised p-1 shadow-xl"
        >
          <DropdownMenu.RadioGroup
            value={look.theme}
            onValueChange={(theme) => change({ ...look, theme: theme as Theme })}
          >
            <DropdownMenu.RadioItem value="dark" className={ITEM}>
              <Moon aria-hidden className="size-3.5" /> Dark
              <Tick />
            </DropdownMenu.RadioItem>
            <DropdownMenu.RadioItem value="light" className={ITEM}>
              <Sun aria-hidden className="size-3.5" /> Light, for sun
              <Tick />
            </DropdownMenu.RadioItem>
          </DropdownMenu.RadioGroup>
          <DropdownMenu.Separator className="my-1 h-px bg-line" />
          <DropdownMenu.CheckboxItem
            checked={look.contrast === 'more'}
            onCheckedChange={(on) => change({ ...look, contrast: on ? 'more' : 'normal' })}
            className={ITEM}
          >
            <Contrast aria-hidden className="size-3.5" /> High contrast
            <Tick />
          </DropdownMenu.CheckboxItem>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

const Tick = () => (
  <DropdownMenu.ItemIndicator className="ml-auto">
    <Check aria-hidden className="size-3.5" />
  </DropdownMenu.ItemIndicator>
);
