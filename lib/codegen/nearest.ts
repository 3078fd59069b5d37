// "did you mean": the known name that a mistyped one is closest to.

/** ` (did you mean "X"?)` for the nearest of `known`, or "" if none is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known);
  return found === undefined ? "" : ` (did you mean ${JSON.stringify(found)}?)`;
}

/** The one of `known` that is at most a third of its letters away from `word`, dashes, underscores and case aside. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const plainWord = plain(word);
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const name of known) {
    const plainName = plain(name);
    const distance = plainName.startsWith(plainWord) && plainWord.length >= 3 ? 1 : editDistance(plainWord, plainName);
    if (distance < bestDistance && distance <= Math.max(1, Math.floor(plainName.length / 3))) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.replaceAll(/[-_.]/g, "").toLowerCase();
}

/** How many letters have to be put in, taken out, replaced, or swapped with the next. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
