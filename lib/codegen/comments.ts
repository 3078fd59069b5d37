// Comments as a person wrote them, out of what protoc keeps of them.
import type { SourceCodeInfo_Location } from "./descriptor.js";

/** The comment before a declaration and, as a further paragraph, the one behind it; "" without any. */
export function commentOf(location: SourceCodeInfo_Location | undefined): string {
  if (location === undefined) return "";
  const leading = plain(location.leadingComments);
  const trailing = plain(location.trailingComments);
  return leading === "" || trailing === "" ? leading + trailing : `${leading}\n\n${trailing}`;
}

/** Without the space behind the comment marks, spaces at ends of lines, blank lines around, and the rest of `/**` and `///`. */
function plain(text: string | undefined): string {
  if (text === undefined || text === "") return "";
  let lines = text.replace(/\r\n?/g, "\n").split("\n");
  // `/** text` leaves "* text" of its first line; a list item in a line comment has a space before its star.
  if (/^\*(?=\s|$)/.test(lines[0] as string)) lines[0] = (lines[0] as string).slice(1);
  // `/// text` leaves "/ text" of each line.
  else if (lines.every((line, i) => /^\/(?=\s|$)/.test(line) || (line === "" && i === lines.length - 1))) lines = lines.map((line) => line.slice(1));
  for (let i = 0; i < lines.length; i++) lines[i] = (lines[i] as string).replace(/^ /, "").trimEnd();
  return lines.join("\n").replace(/^\n+|\n+$/g, "");
}
