// Entries of maps that are plain objects.

/** Sets an own property, whatever its name: assigning to "__proto__" would set the prototype. */
export function setEntry<V>(map: Record<string, V>, key: string, value: V): void {
  if (key === "__proto__") Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  else map[key] = value;
}
