/** A part, such as `snapshots` or `apps/api`, and the parts that it imports. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Everything stands on these, so that arrows to them would hide the others. */
const GROUND: ReadonlySet<string> = new Set(['kernel', 'files', 'config', 'observability']);

/** Imports between files, each with what it imports, taken together by the part that they stand in. */
export function moduleGraph(imports: readonly (readonly [string, string])[]): Graph {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of imports.map(([a, b]) => [partOf(a), partOf(b)] as const)) {
    if (from === undefined || to === undefined || from === to || GROUND.has(to) || GROUND.has(from)) continue;
    graph.set(from, (graph.get(from) ?? new Set()).add(to));
  }
  return graph;
}

/** Drawn in Mermaid. An arrow is left out when others lead the same way. */
export function picture(graph: Graph): string {
  const arrows = [...graph].flatMap(([from, targets]) =>
    [...targets]
      .filter((to) => ![...targets].some((other) => other !== to && isReachable(graph, other, to)))
      .map((to) => `  ${nameOf(from)} --> ${nameOf(to)}`),
  );
  const parts = new Set([...graph].flatMap(([from, targets]) => [from, ...targets]));
  const boxes = [...parts].map((part) =>
    part.startsWith('apps/') ? `  ${nameOf(part)}([${part}])` : `  ${nameOf(part)}`,
  );
  return ['', '```mermaid', 'graph TD', ...boxes.toSorted(), ...arrows.toSorted(), '```', '', ''].join('\n');
}

/** Whether arrows lead from one part to another, over others or not. */
export function isReachable(graph: Graph, from: string, to: string): boolean {
  const targets = graph.get(from) ?? new Set();
  return targets.has(to) || [...targets].some((next) => isReachable(graph, next, to));
}

function partOf(file: string): string | undefined {
  const [, kind, name] = /^(apps|libs)\/([^/]+)\//.exec(file) ?? [];
  return kind === 'apps' ? `apps/${name ?? ''}` : name;
}

const nameOf = (part: string): string => part.replace('/', '_');
