// Which messages can contain themselves: strongly connected components of the graph "has a field of" (Tarjan).

/** Those of `nodes` that lie on a cycle of `edges`, a node with an edge to itself among them. */
export function cyclic<T>(nodes: Iterable<T>, edges: (node: T) => readonly T[]): Set<T> {
  const found = new Set<T>();
  const index = new Map<T, number>();
  const low = new Map<T, number>();
  const open: T[] = [];
  const isOpen = new Set<T>();

  function enter(node: T): void {
    index.set(node, index.size);
    low.set(node, index.get(node) as number);
    open.push(node);
    isOpen.add(node);
  }

  /** All nodes from `node` up in `open` are one component. */
  function leave(node: T, targets: readonly T[]): void {
    if (low.get(node) !== index.get(node)) return;
    const component = open.splice(open.lastIndexOf(node));
    for (const member of component) isOpen.delete(member);
    if (component.length > 1 || targets.includes(node)) for (const member of component) found.add(member);
  }

  for (const start of nodes) {
    if (index.has(start)) continue;
    // A stack of its own: nothing keeps a .proto from having long chains of messages.
    const path = [{ node: start, targets: edges(start), next: 0 }];
    enter(start);
    for (let top = path[0]; top !== undefined; top = path[path.length - 1]) {
      const target = top.targets[top.next++];
      if (target === undefined) {
        path.pop();
        leave(top.node, top.targets);
        const parent = path[path.length - 1];
        if (parent !== undefined) low.set(parent.node, Math.min(low.get(parent.node) as number, low.get(top.node) as number));
      } else if (!index.has(target)) {
        enter(target);
        path.push({ node: target, targets: edges(target), next: 0 });
      } else if (isOpen.has(target)) {
        low.set(top.node, Math.min(low.get(top.node) as number, index.get(target) as number));
      }
    }
  }
  return found;
}
