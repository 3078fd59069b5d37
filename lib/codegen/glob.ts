// Globs over paths with forward slashes: `*`, `?`, `[a-z]`, `**`, `{a,b}`, as picomatch has them.
import picomatch from "picomatch";

/** Whether `text` is a glob rather than a plain path. */
export function isGlob(text: string): boolean {
  return /[*?[{]/.test(text);
}

/**
 * The pattern as an expression over whole paths. `*` and `**` do not match a dot at the start of a segment.
 * @throws SyntaxError for brackets or braces that are not closed.
 */
export function globToRegExp(glob: string): RegExp {
  try {
    return picomatch.makeRe(glob, { strictBrackets: true, posix: true, nonegate: true });
  } catch (cause) {
    throw new SyntaxError(`glob ${JSON.stringify(glob)}: ${(cause as Error).message}`, { cause });
  }
}

/** A test for paths that match any of `globs`. @throws SyntaxError as {@link globToRegExp}. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const expressions = globs.map(globToRegExp);
  return (path) => expressions.some((expression) => expression.test(path));
}
