// Lines of a file, indented.

export class Printer {
  #text = "";
  #indent = "";

  /** One line, or none without text. Ends with an opening bracket: what follows is indented; starts with a closing one: it is not. */
  line(text = ""): this {
    if (/^[}\])]/.test(text)) this.#indent = this.#indent.slice(2);
    this.#text += text === "" ? "\n" : `${this.#indent}${text}\n`;
    if (/[{[(]$/.test(text)) this.#indent += "  ";
    return this;
  }

  /** A JSDoc comment, if there is anything to say. */
  doc(comment: string, deprecated = false, ...tags: string[]): this {
    const lines = comment === "" ? [] : comment.replaceAll("*/", "*\\/").split("\n");
    if (deprecated && !comment.includes("@deprecated")) tags.unshift("@deprecated");
    if (lines.length !== 0 && tags.length !== 0) lines.push("");
    lines.push(...tags.map((tag) => tag.replaceAll("*/", "*\\/")));
    if (lines.length === 0) return this;
    if (lines.length === 1) {
      this.#text += `${this.#indent}/** ${lines[0]} */\n`;
      return this;
    }
    this.#text += `${this.#indent}/**\n`;
    for (const line of lines) this.#text += `${this.#indent} *${line === "" ? "" : ` ${line}`}\n`;
    this.#text += `${this.#indent} */\n`;
    return this;
  }

  toString(): string {
    return this.#text;
  }
}
