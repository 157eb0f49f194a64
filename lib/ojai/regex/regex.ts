/**
 * Runs a parsed regular expression as a Thompson automaton (R. Cox, "Regular Expression Matching: the Virtual Machine Approach"):
 * at most program size times text length steps, whatever the pattern. JavaScript's own RegExp backtracks and can be made to hang.
 */
import { FieldlineError } from '@/lib/errors';
import { type Assertion, type CharTest, isWord, parseRegex, type RegexNode } from './parse';

type Instruction =
  | { op: 'char'; test: CharTest }
  | { op: 'assert'; assertion: Assertion }
  | { op: 'split'; first: number; second: number }
  | { op: 'jump'; to: number }
  | { op: 'match' };

/** Bounds the work per character; counted repetitions are unrolled. */
const PROGRAM_LENGTH_MAX = 2000;
const NONE = -1;

export class Regex {
  readonly #program: Instruction[] = [];
  readonly #literal: string | null;
  readonly #ignoreCase: boolean;

  /** Fails with CONDITION_INVALID. */
  constructor(readonly pattern: string) {
    const { node, literal, ignoreCase } = parseRegex(pattern);
    this.#literal = literal;
    this.#ignoreCase = ignoreCase;
    this.#compile(node);
    this.#emit({ op: 'match' });
  }

  /** Whether the pattern is found anywhere in the text; anchor with ^ and $ for the whole of it. */
  test(text: string): boolean {
    if (this.#literal !== null && !this.#ignoreCase) return text.includes(this.#literal);
    const program = this.#program;
    let current: number[] = [];
    let next: number[] = [];
    /** The step at which an instruction was last added: adding twice in a step is pointless, and would not end on empty loops. */
    const addedAt = new Int32Array(program.length).fill(NONE);
    let before = NONE;
    let step = 0;
    for (let at = 0; ; step++) {
      const codePoint = at < text.length ? text.codePointAt(at)! : NONE;
      // The program's start joins at every step: the match may begin anywhere.
      if (this.#add(current, 0, addedAt, step, before, codePoint)) return true;
      if (codePoint === NONE) return false;
      at += codePoint > 0xffff ? 2 : 1;
      const after = at < text.length ? text.codePointAt(at)! : NONE;
      for (const index of current) {
        const instruction = program[index]!;
        if (instruction.op === 'char' && instruction.test(codePoint))
          if (this.#add(next, index + 1, addedAt, step + 1, codePoint, after)) return true;
      }
      [current, next] = [next, current];
      next.length = 0;
      before = codePoint;
    }
  }

  /** Follows what needs no character; collects the character tests. True when it reaches the match. */
  #add(list: number[], start: number, addedAt: Int32Array, step: number, before: number, after: number): boolean {
    const stack = [start];
    for (let index = stack.pop(); index !== undefined; index = stack.pop()) {
      if (addedAt[index] === step) continue;
      addedAt[index] = step;
      const instruction = this.#program[index]!;
      if (instruction.op === 'match') return true;
      if (instruction.op === 'char') list.push(index);
      else if (instruction.op === 'jump') stack.push(instruction.to);
      else if (instruction.op === 'split') stack.push(instruction.second, instruction.first);
      else if (holds(instruction.assertion, before, after)) stack.push(index + 1);
    }
    return false;
  }

  #emit(instruction: Instruction): number {
    if (this.#program.length >= PROGRAM_LENGTH_MAX)
      throw new FieldlineError('CONDITION_INVALID', '$matches: the pattern is too large; use smaller counts in {n,m}');
    return this.#program.push(instruction) - 1;
  }

  #compile(node: RegexNode): void {
    switch (node.kind) {
      case 'char':
        this.#emit({ op: 'char', test: node.test });
        break;
      case 'assert':
        this.#emit({ op: 'assert', assertion: node.assertion });
        break;
      case 'sequence':
        for (const part of node.parts) this.#compile(part);
        break;
      case 'choice':
        this.#choice(node.options);
        break;
      case 'repeat':
        for (let count = 0; count < node.min; count++) this.#compile(node.part);
        if (node.max === null) this.#star(node.part);
        else for (let count = node.min; count < node.max; count++) this.#optional(node.part);
    }
  }

  #choice(options: RegexNode[]): void {
    const ends: { op: 'jump'; to: number }[] = [];
    for (const [index, option] of options.entries()) {
      if (index === options.length - 1) {
        this.#compile(option);
        break;
      }
      const split = { op: 'split' as const, first: this.#program.length + 1, second: 0 };
      this.#emit(split);
      this.#compile(option);
      const end = { op: 'jump' as const, to: 0 };
      this.#emit(end);
      ends.push(end);
      split.second = this.#program.length;
    }
    for (const end of ends) end.to = this.#program.length;
  }

  #star(part: RegexNode): void {
    const split = { op: 'split' as const, first: this.#program.length + 1, second: 0 };
    const start = this.#emit(split);
    this.#compile(part);
    this.#emit({ op: 'jump', to: start });
    split.second = this.#program.length;
  }

  #optional(part: RegexNode): void {
    const split = { op: 'split' as const, first: this.#program.length + 1, second: 0 };
    this.#emit(split);
    this.#compile(part);
    split.second = this.#program.length;
  }
}

/** Whether an assertion holds between two characters; NONE stands for the text's edge. */
function holds(assertion: Assertion, before: number, after: number): boolean {
  const atBoundary = () => (before !== NONE && isWord(before)) !== (after !== NONE && isWord(after));
  switch (assertion) {
    case 'start':
      return before === NONE;
    case 'end':
      return after === NONE;
    case 'lineStart':
      return before === NONE || before === 10;
    case 'lineEnd':
      return after === NONE || after === 10;
    case 'word':
      return atBoundary();
    case 'notWord':
      return !atBoundary();
  }
}
