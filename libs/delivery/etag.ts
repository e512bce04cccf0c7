const OPAQUE = '"[\\x21\\x23-\\x7e\\x80-\\xff]*"';
const LIST_ITEM = new RegExp(`[ \\t]*(?:,[ \\t]*)*((?:W/)?${OPAQUE})[ \\t]*(?=,|$)`, 'y');
const SINGLE = new RegExp(`^(?:W/)?${OPAQUE}$`);

/** RFC 9110 section 8.8.3: the tags of a list, or none at all when it is not well formed. */
export function etagList(value: string): readonly string[] {
  const tags: string[] = [];
  let end = 0;
  for (const match of value.matchAll(new RegExp(LIST_ITEM, 'gy'))) {
    tags.push(match[1] ?? '');
    end = match.index + match[0].length;
  }
  return /^[ \t,]*$/.test(value.slice(end)) ? tags : [];
}

export const isEtag = (value: string): boolean => SINGLE.test(value);

/** Section 8.8.3.2: same bytes. */
export const strongMatch = (one: string, other: string): boolean => one === other && !one.startsWith('W/');

/** Section 8.8.3.2: as good as the same. */
export const weakMatch = (one: string, other: string): boolean => opaque(one) === opaque(other);

const opaque = (tag: string): string => (tag.startsWith('W/') ? tag.slice(2) : tag);
