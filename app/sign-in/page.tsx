import type { Metadata } from 'next';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { getAccess } from '@/services/access/global';
import { safePath } from '@/services/access/safe-path';
import { callerOfPage } from '../_lib/guard';
import { Door } from '../components/access/door';
import { SignInForm } from '../components/access/sign-in-form';

export const metadata: Metadata = { title: 'Sign in' };

interface Props {
  searchParams: Promise<{ next?: string | string[]; refused?: string | string[] }>;
}

const one = (value: string | string[] | undefined) => (Array.isArray(value) ? value[0] : value);

/** For strangers. */
export default async function Page({ searchParams }: Props) {
  const { next, refused } = await searchParams;
  const path = safePath(one(next));
  if (await callerOfPage()) redirect(path);
  const access = getAccess();
  const isOpen = access?.isOn && access.parts.setUp.isOpen;
  return (
    <Door
      title="Sign in"
      foot={
        isOpen && (
          <>
            Nobody has been here before?{' '}
            <Link href="/set-up" className="text-accent underline underline-offset-2">
              Set up the first administrator
            </Link>
          </>
        )
      }
    >
      <SignInForm next={path} provider={access?.config.access.oidc?.label ?? null} refused={one(refused) ?? null} />
    </Door>
  );
}
