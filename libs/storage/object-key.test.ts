import fc from 'fast-check';

import { isKeySegment, keyPrefix, objectKey } from './object-key.js';

it.each(['a', 'a/b', 'a.b/..c/...', ' ', '-', 'é/\u{1F600}', 'a\nb', '%2e%2e/x', 'c:', '~'])('takes %j', (text) => {
  expect(objectKey(text)).toBe(text);
  expect(keyPrefix(text)).toBe(`${text}/`);
});

it.each([
  '',
  '/',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  './a',
  'a/..',
  'a/../b',
  'a\0b',
  '\0',
  'a\\b',
  '..\\a',
  '\uD800',
  'a/\uDC00b',
])('refuses %j (T-122)', (text) => {
  expect(() => objectKey(text)).toThrow(
    expect.objectContaining({ kind: 'invalid', code: 'INVALID_OBJECT_KEY' }) as Error,
  );
});

it('names the whole disk by no parts, and refuses an empty one', () => {
  expect(keyPrefix()).toBe('');
  expect(() => keyPrefix('')).toThrow();
  expect(() => objectKey()).toThrow();
});

it('parses parts as it parses their whole', () => {
  const part = fc.string({ unit: 'binary', maxLength: 6 });
  const attempt = (make: () => string): string => {
    try {
      return make();
    } catch {
      return 'refused';
    }
  };
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
      expect(attempt(() => objectKey(...parts))).toBe(attempt(() => objectKey(parts.join('/'))));
    }),
  );
});

it('never leads out of the folder it is joined to', () => {
  const segment = fc.oneof(fc.constantFrom('.', '..', '', '/', '\\', 'a', '%2e'), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1, maxLength: 6 }), (parts) => {
      fc.pre(parts.join('/').split('/').every(isKeySegment));
      const url = parts.join('/').split('/');
      expect(url).not.toContain('..');
      expect(url).not.toContain('.');
      expect(Buffer.from(objectKey(...parts)).toString()).toBe(parts.join('/'));
    }),
  );
});
