// Tokens of a .proto text, and which declaration each comment belongs to. The rules for comments are protoc's, case by
// case: generated documentation then does not depend on who read the file.
import { type Place, SyntaxProblem } from "./diagnostics.js";

export type TokenKind = "start" | "end" | "identifier" | "integer" | "float" | "string" | "symbol";

/** Comments between two tokens. */
export interface Comments {
  /** Of the declaration that the earlier token ends. */
  readonly trailing: string;
  /** Of neither. */
  readonly detached: readonly string[];
  /** Of the declaration that the later token begins. */
  readonly leading: string;
}

export const noComments: Comments = { trailing: "", detached: [], leading: "" };

const TAB = 9;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const APOSTROPHE = 39;
const STAR = 42;
const DOT = 46;
const SLASH = 47;
const BACKSLASH = 92;

const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /0[xX][0-9a-fA-F]*|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]*)?/y;
const escape = /\\(?:[abfnrtv\\?'"]|[0-7]{1,3}|[xX][0-9a-fA-F]{1,2}|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4})/y;

/** Walks over one text. The fields tell about the current token. */
export class Tokenizer implements Place {
  kind: TokenKind = "start";
  /** As it stands in the text, quotes included; "" at either end. */
  text = "";
  line = 0;
  column = 0;
  /** Line and column behind the token before this one. */
  previousLine = 0;
  previousEnd = 0;
  readonly #source: string;
  #pos = 0;
  /** Of `#pos`. */
  #line = 0;
  #lineStart = 0;

  constructor(source: string) {
    this.#source = source;
    // A byte order mark.
    if (source.charCodeAt(0) === 0xfeff) this.#pos = this.#lineStart = 1;
  }

  /** To the next token; comments before it are lost. False at the end of the text. */
  next(): boolean {
    for (;;) {
      this.#skipBlanks();
      const c = this.#source.charCodeAt(this.#pos);
      if (c === NEWLINE) this.#newline();
      else if (c !== SLASH || this.#comment() === undefined) return this.#token(c);
    }
  }

  /** To the next token; gives the comments before it. */
  nextWithComments(): Comments {
    const collector = new Collector();
    let previousLine = this.#line;
    let trailingEnd = -1;
    if (this.kind === "start") {
      collector.attachable = false;
      previousLine = -1;
    } else {
      // A comment on the line of the previous token belongs to that.
      this.#skipBlanks();
      const line = this.#line;
      const comment = this.#comment();
      if (comment !== undefined) {
        collector.add(comment);
        collector.flush();
        trailingEnd = comment.isLine ? line : this.#line;
      } else if (this.#source.charCodeAt(this.#pos) === NEWLINE) this.#newline();
      else {
        this.next();
        return noComments;
      }
    }
    for (;;) {
      this.#skipBlanks();
      const comment = this.#comment();
      if (comment !== undefined) {
        collector.add(comment);
        if (comment.isLine) continue;
        // The rest of a block comment's last line is not a blank line.
        this.#skipBlanks();
        if (this.#source.charCodeAt(this.#pos) === NEWLINE) this.#newline();
      } else if (this.#source.charCodeAt(this.#pos) === NEWLINE) {
        this.#newline();
        collector.flush();
        collector.attachable = false;
      } else {
        const more = this.next();
        // At the end of a scope there is nothing that a comment could be about.
        if (!more || this.text === "}" || this.text === "]" || this.text === ")") collector.flush();
        // On one line with what is before it and what is behind it: about neither.
        if (more && (previousLine === this.#line || trailingEnd === this.#line)) collector.detachOnly();
        return collector.comments();
      }
    }
  }

  #token(c: number): boolean {
    const start = this.#pos;
    this.previousLine = this.line;
    this.previousEnd = this.column + this.text.length;
    this.line = this.#line;
    this.column = start - this.#lineStart;
    if (start >= this.#source.length) {
      this.kind = "end";
      this.text = "";
      return false;
    }
    if ((c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95) {
      this.kind = "identifier";
      this.#match(word);
    } else if ((c >= 48 && c <= 57) || (c === DOT && isDigit(this.#source.charCodeAt(start + 1)))) {
      this.#number();
    } else if (c === QUOTE || c === APOSTROPHE) {
      this.kind = "string";
      this.#string(c);
    } else {
      this.kind = "symbol";
      const char = String.fromCodePoint(this.#source.codePointAt(start) as number);
      if (c < SPACE || c >= 0x7f) this.#fail(start, `unexpected character ${JSON.stringify(char)}`);
      this.#pos++;
    }
    this.text = this.#source.slice(start, this.#pos);
    return true;
  }

  #number(): void {
    const start = this.#pos;
    const text = this.#match(number);
    const hex = /^0[xX]/.test(text);
    this.kind = !hex && /[.eE]/.test(text) ? "float" : "integer";
    if (hex && text.length === 2) this.#fail(start, '"0x" must be followed by hex digits');
    if (!hex && /[eE][-+]?$/.test(text)) this.#fail(start, '"e" must be followed by an exponent');
    if (this.kind === "integer" && !hex && /^0.*[89]/.test(text)) this.#fail(start, "numbers with a leading zero must be octal");
    if (/[A-Za-z_.]/.test(this.#source.charAt(this.#pos))) this.#fail(this.#pos, "need space between number and identifier");
  }

  #string(quote: number): void {
    const start = this.#pos++;
    for (;;) {
      const c = this.#source.charCodeAt(this.#pos);
      if (Number.isNaN(c)) this.#fail(start, "unexpected end of string");
      if (c === NEWLINE) this.#fail(start, "strings cannot go on over the end of a line: a quote is missing");
      if (c === BACKSLASH) {
        if (this.#match(escape) === "") this.#fail(this.#pos, "invalid escape sequence in string");
      } else {
        this.#pos++;
        if (c === quote) return;
      }
    }
  }

  /** Consumes a comment that begins right here. Its text is as protoc has it: without its marks, and a block comment without the marks at the start of its lines. */
  #comment(): Comment | undefined {
    const source = this.#source;
    const start = this.#pos;
    if (source.charCodeAt(start) !== SLASH) return undefined;
    if (source.charCodeAt(start + 1) === SLASH) {
      const end = source.indexOf("\n", start);
      if (end < 0) {
        this.#pos = source.length;
        return { isLine: true, text: source.slice(start + 2) };
      }
      this.#pos = end;
      this.#newline();
      return { isLine: true, text: source.slice(start + 2, end + 1) };
    }
    return source.charCodeAt(start + 1) === STAR ? this.#blockComment() : undefined;
  }

  #blockComment(): Comment {
    const source = this.#source;
    const opening = { line: this.#line, column: this.#pos - this.#lineStart };
    this.#pos += 2;
    const end = source.indexOf("*/", this.#pos);
    if (end < 0) throw new SyntaxProblem(opening, "the comment that begins here does not end");
    const inner = source.indexOf("/*", this.#pos);
    if (inner >= 0 && inner < end) {
      for (let newline = source.indexOf("\n", this.#pos); newline >= 0 && newline < inner; newline = source.indexOf("\n", this.#pos)) {
        this.#pos = newline;
        this.#newline();
      }
      this.#fail(inner, '"/*" inside a comment: comments cannot be nested');
    }
    let text = "";
    for (let newline = source.indexOf("\n", this.#pos); newline >= 0 && newline < end; newline = source.indexOf("\n", this.#pos)) {
      text += source.slice(this.#pos, newline + 1);
      this.#pos = newline;
      this.#newline();
      this.#skipBlanks();
      if (source.charCodeAt(this.#pos) === STAR) this.#pos++;
    }
    // The star that opens the last line may be the one that ends the comment.
    if (this.#pos <= end) text += source.slice(this.#pos, end);
    this.#pos = end + 2;
    return { isLine: false, text };
  }

  /** White space up to the end of the line. */
  #skipBlanks(): void {
    for (;;) {
      const c = this.#source.charCodeAt(this.#pos);
      if (c !== SPACE && (c < TAB || c > CARRIAGE_RETURN || c === NEWLINE)) return;
      if (Number.isNaN(c)) return;
      this.#pos++;
    }
  }

  #newline(): void {
    this.#pos++;
    this.#line++;
    this.#lineStart = this.#pos;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#pos;
    const text = pattern.exec(this.#source)?.[0] ?? "";
    this.#pos += text.length;
    return text;
  }

  #fail(pos: number, message: string): never {
    throw new SyntaxProblem({ line: this.#line, column: pos - this.#lineStart }, message);
  }
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

interface Comment {
  readonly isLine: boolean;
  readonly text: string;
}

/** Sorts the comments between two tokens: the last one may be about the later token, the first about the earlier. */
class Collector {
  /** Whether a comment can still be about the earlier token. */
  attachable = true;
  #trailing = "";
  readonly #detached: string[] = [];
  #leading: string | undefined;
  #leadingIsLine = false;
  #flushed = 0;

  /** Line comments on lines that follow each other are one. */
  add({ isLine, text }: Comment): void {
    if (this.#leading !== undefined && isLine && this.#leadingIsLine) {
      this.#leading += text;
      return;
    }
    this.flush();
    this.#leading = text;
    this.#leadingIsLine = isLine;
  }

  /** The comment so far is not about the later token. */
  flush(): void {
    if (this.#leading === undefined) return;
    if (this.attachable) this.#trailing = this.#leading;
    else this.#detached.push(this.#leading);
    this.attachable = false;
    this.#leading = undefined;
    this.#flushed++;
  }

  /** If there is one comment alone, it is about neither token. */
  detachOnly(): void {
    if (this.#flushed + (this.#leading === undefined ? 0 : 1) !== 1) return;
    if (this.#trailing !== "") {
      this.#detached.unshift(this.#trailing);
      this.#trailing = "";
    }
    this.attachable = false;
    this.flush();
  }

  comments(): Comments {
    return { trailing: this.#trailing, detached: this.#detached, leading: this.#leading ?? "" };
  }
}
