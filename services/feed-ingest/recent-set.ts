/** A set of the last `max` members: the oldest goes when it is full. */
export class RecentSet {
  readonly #members = new Set<string>();

  constructor(readonly max: number) {}

  has(member: string): boolean {
    return this.#members.has(member);
  }

  add(member: string): void {
    this.#members.delete(member);
    this.#members.add(member);
    if (this.#members.size > this.max) this.#members.delete(this.#members.values().next().value as string);
  }
}
