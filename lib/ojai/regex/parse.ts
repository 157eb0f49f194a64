/**
 * Parses the regular expressions of `$matches`: the part of PCRE and java.util.regex that a finite automaton can run in linear time.
 * Back references, look-around and possessive quantifiers are refused, since they are what makes a pattern take exponential time.
 */
import { FieldlineError } from '@/lib/errors';

export type CharTest = (codePoint: number) => boolean;
export type Assertion = 'start' | 'end' | 'lineStart' | 'lineEnd' | 'word' | 'notWord';
export type RegexNode =
  | { kind: 'char'; test: CharTest }
  | { kind: 'assert'; assertion: Assertion }
  | { kind: 'sequence'; parts: RegexNode[] }
  | { kind: 'choice'; options: RegexNode[] }
  /** `max` null: no upper bound. */
  | { kind: 'repeat'; part: RegexNode; min: number; max: number | null };

export interface ParsedRegex {
  node: RegexNode;
  /** The text itself where the pattern is plain characters: a substring search does then. */
  literal: string | null;
  ignoreCase: boolean;
}

const PATTERN_LENGTH_MAX = 1000;
const NESTING_MAX = 50;
const REPEAT_MAX = 1000;

const isDigit: CharTest = (c) => c >= 48 && c <= 57;
export const isWord: CharTest = (c) => isDigit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const isSpace: CharTest = (c) => c === 32 || (c >= 9 && c <= 13);
const not =
  (test: CharTest): CharTest =>
  (c) =>
    !test(c);
const CLASSES: Record<string, CharTest> = {
  d: isDigit,
  D: not(isDigit),
  w: isWord,
  W: not(isWord),
  s: isSpace,
  S: not(isSpace),
};
const CONTROLS: Record<string, number> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27, '0': 0 };
const ASSERTIONS: Record<string, Assertion> = { b: 'word', B: 'notWord', A: 'start', z: 'end', Z: 'end' };

class Parser {
  readonly #chars: string[];
  #at = 0;
  #depth = 0;
  ignoreCase = false;
  #dotAll = false;
  #multiline = false;
  /** Null once something other than a plain character was seen. */
  literal: string[] | null = [];

  constructor(pattern: string) {
    this.#chars = [...unquote(pattern)];
  }

  parse(): RegexNode {
    this.#flags();
    const node = this.#choice();
    if (this.#at < this.#chars.length) this.#fail('")" without "("');
    return node;
  }

  #fail(what: string): never {
    throw new FieldlineError('CONDITION_INVALID', `$matches: ${what} at character ${this.#at + 1} of the pattern`);
  }

  #flags(): void {
    const match = /^\(\?([imsu]+)\)/.exec(this.#chars.slice(0, 10).join(''));
    if (!match) return;
    this.#at = match[0].length;
    this.ignoreCase = match[1]!.includes('i');
    this.#multiline = match[1]!.includes('m');
    this.#dotAll = match[1]!.includes('s');
  }

  #choice(): RegexNode {
    if (++this.#depth > NESTING_MAX) this.#fail(`groups nested deeper than ${NESTING_MAX}`);
    const options = [this.#sequence()];
    while (this.#chars[this.#at] === '|') {
      this.literal = null;
      this.#at++;
      options.push(this.#sequence());
    }
    this.#depth--;
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  #sequence(): RegexNode {
    const parts: RegexNode[] = [];
    while (this.#at < this.#chars.length && this.#chars[this.#at] !== '|' && this.#chars[this.#at] !== ')')
      parts.push(this.#term());
    return { kind: 'sequence', parts };
  }

  #term(): RegexNode {
    let node = this.#atom();
    for (let repeat = this.#repeat(); repeat; repeat = this.#repeat()) {
      if (node.kind === 'assert') this.#fail('a quantifier after an anchor');
      this.literal = null;
      node = { kind: 'repeat', part: node, ...repeat };
      if (this.#chars[this.#at] === '?')
        this.#at++; // Lazy or greedy makes no difference to whether it matches.
      else if (this.#chars[this.#at] === '+') this.#fail('possessive quantifiers are not supported');
    }
    return node;
  }

  #repeat(): { min: number; max: number | null } | undefined {
    const char = this.#chars[this.#at];
    if (char === '*' || char === '+' || char === '?') {
      this.#at++;
      return { min: char === '+' ? 1 : 0, max: char === '?' ? 1 : null };
    }
    if (char !== '{') return undefined;
    const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 12).join(''));
    if (!match) return this.#fail('a quantifier is {n}, {n,} or {n,m}');
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === '' ? null : Number(match[3]);
    if (min > REPEAT_MAX || (max !== null && (max > REPEAT_MAX || max < min)))
      this.#fail(`a quantifier counts up to ${REPEAT_MAX}, the smaller number first`);
    this.#at += match[0].length;
    return { min, max };
  }

  #atom(): RegexNode {
    const char = this.#chars[this.#at++]!;
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return this.#special({ kind: 'char', test: this.#class() });
      case '.':
        return this.#special({ kind: 'char', test: this.#dotAll ? () => true : (c) => c !== 10 && c !== 13 });
      case '^':
        return this.#special({ kind: 'assert', assertion: this.#multiline ? 'lineStart' : 'start' });
      case '$':
        return this.#special({ kind: 'assert', assertion: this.#multiline ? 'lineEnd' : 'end' });
      case '*':
      case '+':
      case '?':
      case '{':
        this.#at--;
        return this.#fail(`nothing to repeat before "${char}"`);
      case '\\': {
        const letter = this.#chars[this.#at] ?? '';
        const assertion = ASSERTIONS[letter];
        if (assertion) {
          this.#at++;
          return this.#special({ kind: 'assert', assertion });
        }
        const escaped = this.#escape();
        return typeof escaped === 'string' ? this.#plain(escaped) : this.#special({ kind: 'char', test: escaped });
      }
      default:
        return this.#plain(char);
    }
  }

  #special(node: RegexNode): RegexNode {
    this.literal = null;
    return node;
  }

  #plain(char: string): RegexNode {
    this.literal?.push(char);
    const code = char.codePointAt(0)!;
    return { kind: 'char', test: this.#folded((c) => c === code) };
  }

  /** With the flag `i`, a test also holds for the other case of a character. */
  #folded(test: CharTest): CharTest {
    if (!this.ignoreCase) return test;
    return (c) => {
      if (test(c)) return true;
      const char = String.fromCodePoint(c);
      const [lower, upper] = [char.toLowerCase(), char.toUpperCase()];
      return test(lower.codePointAt(0)!) || test(upper.codePointAt(0)!);
    };
  }

  #group(): RegexNode {
    this.literal = null;
    if (this.#chars[this.#at] === '?') {
      if (this.#chars[this.#at + 1] !== ':')
        this.#fail('only groups (...) and (?:...) are supported, and flags at the start');
      this.#at += 2;
    }
    const node = this.#choice();
    if (this.#chars[this.#at++] !== ')') this.#fail('"(" without ")"');
    return node;
  }

  /** After a backslash: a plain character, or the test of a class. */
  #escape(): string | CharTest {
    const char = this.#chars[this.#at++];
    if (char === undefined) return this.#fail('nothing after "\\"');
    const named = CLASSES[char];
    if (named) return named;
    if (Object.hasOwn(CONTROLS, char)) return String.fromCharCode(CONTROLS[char]!);
    if (char === 'x' || char === 'u') {
      const length = char === 'x' ? 2 : 4;
      const digits = this.#chars.slice(this.#at, this.#at + length).join('');
      if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length !== length)
        this.#fail(`\\${char} needs ${length} hexadecimal digits`);
      this.#at += length;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    if (char === 'p' || char === 'P') return this.#property(char === 'P');
    if (/[A-Za-z0-9]/.test(char)) this.#fail(`\\${char} is not supported`);
    return char;
  }

  /** `\p{Lu}`, `\pL`: Unicode general categories. */
  #property(negated: boolean): CharTest {
    const match = /^(?:\{([A-Z][a-z]?)\}|([A-Z]))/.exec(this.#chars.slice(this.#at, this.#at + 4).join(''));
    if (!match) return this.#fail('\\p needs a general category such as {L} or {Nd}');
    let category: RegExp;
    try {
      category = new RegExp(`^\\p{${match[1] ?? match[2]}}$`, 'u');
    } catch {
      return this.#fail(`there is no general category "${match[1] ?? match[2]}"`);
    }
    this.#at += match[0].length;
    return (c) => category.test(String.fromCodePoint(c)) !== negated;
  }

  #class(): CharTest {
    const negated = this.#chars[this.#at] === '^';
    if (negated) this.#at++;
    const tests: CharTest[] = [];
    for (let first = true; first || this.#chars[this.#at] !== ']'; first = false) {
      const low = this.#classItem();
      if (this.#chars[this.#at] === '-' && this.#chars[this.#at + 1] !== ']') {
        this.#at++;
        const high = this.#classItem();
        if (typeof low !== 'string' || typeof high !== 'string') return this.#fail('a range is between two characters');
        const [from, to] = [low.codePointAt(0)!, high.codePointAt(0)!];
        if (from > to) this.#fail(`the range ${low}-${high} is empty`);
        tests.push((c) => c >= from && c <= to);
      } else if (typeof low === 'string') {
        const code = low.codePointAt(0)!;
        tests.push((c) => c === code);
      } else tests.push(low);
    }
    this.#at++;
    const any = this.#folded((c) => tests.some((test) => test(c)));
    return negated ? not(any) : any;
  }

  #classItem(): string | CharTest {
    const char = this.#chars[this.#at++];
    if (char === undefined) return this.#fail('"[" without "]"');
    if (char === '[' || (char === '&' && this.#chars[this.#at] === '&')) this.#fail('nested classes are not supported');
    return char === '\\' ? this.#escape() : char;
  }
}

/** `\Q...\E` makes everything between plain; a quantifier behind it belongs to the last character, as in Java. */
function unquote(pattern: string): string {
  return pattern.replace(/\\Q(.*?)(?:\\E|$)|\\./gs, (all, text: string | undefined) =>
    text === undefined ? all : text.replace(/[^A-Za-z0-9]/gu, '\\$&'),
  );
}

/** Fails with CONDITION_INVALID and says what is not supported, and where. */
export function parseRegex(pattern: string): ParsedRegex {
  if (pattern.length > PATTERN_LENGTH_MAX)
    throw new FieldlineError('CONDITION_INVALID', `A $matches pattern has at most ${PATTERN_LENGTH_MAX} characters`);
  const parser = new Parser(pattern);
  const node = parser.parse();
  return { node, literal: parser.literal?.join('') ?? null, ignoreCase: parser.ignoreCase };
}
