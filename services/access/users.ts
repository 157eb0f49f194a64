/** The local users, in `<dataDir>/access/users.json`. */
import { v7 as uuid } from 'uuid';
import { z } from 'zod';
import { ROLES, type Role } from '@/lib/domain/access';
import { FieldlineError } from '@/lib/errors';
import { checkPassword, hashPassword, passwordRefusal } from './passwords';
import type { RecordFile } from './record-file';

/** More would be a directory service, which OpenID Connect reaches. */
const USERS_MAX = 1000;

export const UserRecord = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  site: z.string().nullable(),
  disabled: z.boolean(),
  password: z.string(),
  createdAt: z.number(),
  /** Of the last change of password, role or state. */
  changedAt: z.number(),
});
export type User = z.infer<typeof UserRecord>;

export interface NewUser {
  name: string;
  password: string;
  role: Role;
  site?: string | null | undefined;
}
export interface UserChange {
  role?: Role | undefined;
  site?: string | null | undefined;
  disabled?: boolean | undefined;
  password?: string | undefined;
}

const isAdmin = (user: User) => user.role === 'admin' && !user.disabled;

export class Users {
  constructor(
    readonly file: RecordFile<User>,
    readonly now: () => number,
  ) {}

  list(): readonly User[] {
    return this.file.records;
  }

  byId(id: string): User | undefined {
    return this.file.records.find((user) => user.id === id);
  }

  hasAdmin(): boolean {
    return this.file.records.some(isAdmin);
  }

  /** The user when name and password fit; null otherwise, after the same time. */
  async verify(name: string, password: string): Promise<User | null> {
    const user = this.file.records.find((known) => known.name === name.toLowerCase());
    const { right, outdated } = await checkPassword(password, user && !user.disabled ? user.password : null);
    if (!user || !right) return null;
    if (outdated) await this.#rehash(user.id, password);
    return this.byId(user.id) ?? null;
  }

  /** Fails with REQUEST_INVALID (the password), CONFLICT (the name is taken, or `first` and there is an administrator). */
  async add({ name, password, role, site }: NewUser, options: { first?: boolean } = {}): Promise<User> {
    refuse(passwordRefusal(password, name));
    const hash = await hashPassword(password);
    const at = this.now();
    const user: User = {
      id: uuid(),
      name: name.toLowerCase(),
      role,
      site: siteOf(role, site),
      disabled: false,
      password: hash,
      createdAt: at,
      changedAt: at,
    };
    return this.file.update((users) => {
      // Decided here, in turn: two set-ups at once make one administrator.
      if (options.first && users.some(isAdmin))
        throw new FieldlineError('CONFLICT', 'There is an administrator already', { remedy: 'Sign in' });
      if (users.some((other) => other.name === user.name))
        throw new FieldlineError('CONFLICT', `There is a user ${user.name} already`);
      if (users.length >= USERS_MAX) throw new FieldlineError('CONFLICT', `There are ${USERS_MAX} users already`);
      return { records: [...users, user], result: user };
    });
  }

  /** Fails with NOT_FOUND, REQUEST_INVALID (the password), CONFLICT (the last administrator). */
  async change(id: string, change: UserChange): Promise<User> {
    const before = this.#known(id);
    if (change.password !== undefined) refuse(passwordRefusal(change.password, before.name));
    const password = change.password === undefined ? null : await hashPassword(change.password);
    return this.file.update((users) => {
      const user = users.find((other) => other.id === id);
      if (!user) throw notFound();
      const role = change.role ?? user.role;
      const changed: User = {
        ...user,
        role,
        site: siteOf(role, change.site === undefined ? user.site : change.site),
        disabled: change.disabled ?? user.disabled,
        password: password ?? user.password,
        changedAt: this.now(),
      };
      const records = users.map((other) => (other.id === id ? changed : other));
      keepAnAdmin(users, records);
      return { records, result: changed };
    });
  }

  /** Fails with NOT_FOUND, CONFLICT (the last administrator). */
  async remove(id: string): Promise<User> {
    const user = this.#known(id);
    return this.file.update((users) => {
      const records = users.filter((other) => other.id !== id);
      keepAnAdmin(users, records);
      return { records, result: user };
    });
  }

  async #rehash(id: string, password: string): Promise<void> {
    const hash = await hashPassword(password);
    const rewrite = this.file.update((users) => ({
      records: users.map((user) => (user.id === id ? { ...user, password: hash } : user)),
      result: undefined,
    }));
    // The old hash is as right as the new one: nobody is kept out because the disk is full.
    await rewrite.catch(() => undefined);
  }

  #known(id: string): User {
    const user = this.byId(id);
    if (!user) throw notFound();
    return user;
  }
}

const notFound = () => new FieldlineError('NOT_FOUND', 'There is no such user');

function siteOf(role: Role, site: string | null | undefined): string | null {
  if (role !== 'field') return null;
  if (!site) throw new FieldlineError('REQUEST_INVALID', 'A field user works at a site: say which');
  return site;
}

function refuse(why: string | null): void {
  if (why !== null) throw new FieldlineError('REQUEST_INVALID', `The password can not be taken: ${why}`);
}

/** Somebody must be able to let others in again. */
function keepAnAdmin(before: readonly User[], after: readonly User[]): void {
  if (before.some(isAdmin) && !after.some(isAdmin))
    throw new FieldlineError('CONFLICT', 'This is the last administrator', {
      remedy: 'Make somebody else one first',
    });
}
