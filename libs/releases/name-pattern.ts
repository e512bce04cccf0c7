/** Whether a name is a pattern, in which `*` stands for any characters and `?` for one. */
export const isPattern = (name: string): boolean => /[*?]/.test(name);

export function matcherOf(pattern: string): (name: string) => boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\/]/g, '\\$&')
    .replaceAll(/\*+/g, '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 'su');
  return (name) => expression.test(name);
}
