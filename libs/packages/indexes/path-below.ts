/**
 * A path that an index gives, relative to its base, as one below the published folder; `undefined` when it is a URL, or
 * leads out of the folder.
 */
export function pathBelow(base: string, named: string): string | undefined {
  if (named === '' || /^[a-z][a-z0-9+.-]*:|^\/|\\/i.test(named)) return undefined;
  const segments: string[] = [];
  for (const segment of `${base}${named}`.split('/')) {
    if (segment === '..') {
      if (segments.pop() === undefined) return undefined;
    } else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments.length === 0 ? undefined : segments.join('/');
}

/** As `pathBelow`, for a reference in a web page: without its fragment, percent signs decoded. */
export function referenceBelow(base: string, reference: string): string | undefined {
  try {
    return pathBelow(base, decodeURIComponent(reference.replace(/[?#].*$/s, '')));
  } catch {
    return undefined;
  }
}
