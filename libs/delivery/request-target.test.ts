import fc from 'fast-check';

import { requestTarget } from './request-target.js';

const file = (path: string, repository = 'debian', edition = 'enterprise') => ({
  kind: 'file',
  edition,
  repository,
  path,
});

describe('requestTarget', () => {
  it.each([
    ['/repository/enterprise/debian/pool/a.deb', file('pool/a.deb')],
    ['/repositories/community/debian/a', file('a', 'debian', 'community')],
    ['/repository/enterprise/debian/a?b=/../c&%zz', file('a')],
    ['/repository/enterprise/debian/a%20b+c', file('a b+c')],
    ['/repository/enterprise/debian/a%2Fb', file('a/b')],
    ['/%72epository/%65nterprise/debi%61n/a', file('a')],
    ['/repository/enterprise/debian/%E2%82%AC', file('€')],
    ['/repository/enterprise/debian/e%CC%81', file('e\u0301')],
    ['/repository/enterprise/debian/%C3%A9', file('\u00e9')],
    ['/repository/enterprise/debian/%EF%BC%8E%EF%BC%8E/%EF%BC%8F', file('．．/／')],
    ['/repository/enterprise/debian/%252e%252e/a', file('%2e%2e/a')],
    ['/repository/enterprise/debian/..;/a', file('..;/a')],
    ['/repository/enterprise/debian/.../a', file('.../a')],
    ['/repository/enterprise/debian/.hidden', file('.hidden')],
    ['/repository/enterprise/debian/a. ', { kind: 'malformed' }],
    ['/repository/enterprise/debian/a.%20', file('a. ')],
    ['/repository/enterprise/debian/x-1.0^git1~rc{1}|"<>`.rpm', file('x-1.0^git1~rc{1}|"<>`.rpm')],
    ['/repository/enterprise/debian/dir/', file('dir/')],
    ['/repository/enterprise/debian/', file('')],
    ['/repository/enterprise/debian', file('')],
    ['/repository/enterprise/Debian/a', { ...file('a'), repository: undefined }],
    ['/repository/enterprise/%24(id)/a', { ...file('a'), repository: undefined }],
    [`/repository/enterprise/${'x'.repeat(64)}/a`, { ...file('a'), repository: undefined }],
  ])('reads %s (T-122, T-124)', (raw, target) => {
    expect(requestTarget('GET', raw)).toEqual(target);
  });

  it.each([
    '/',
    '/?x',
    '/repository',
    '/repository/',
    '/repository/enterprise',
    '/repository/enterprise/',
    '/repository/Enterprise/debian/a',
    '/repository/both/debian/a',
    '/Repository/enterprise/debian/a',
    '/repositoryx/enterprise/debian/a',
    '/x/repository/enterprise/debian/a',
    '/up',
  ])('leaves %s to others', (raw) => {
    expect(requestTarget('GET', raw)).toEqual({ kind: 'other' });
  });

  const prefix = '/repository/enterprise/debian';
  it.each([
    '',
    '*',
    'repository/enterprise/debian/a',
    'http://host/repository/enterprise/debian/a',
    'HTTP://host:80/',
    'host:443',
    '//repository/enterprise/debian/a',
    '/repository//enterprise/debian/a',
    '/repository/enterprise//debian/a',
    '/./repository/enterprise/debian/a',
    '/x/../repository/enterprise/debian/a',
    `${prefix}//a`,
    `${prefix}/a//b`,
    `${prefix}/a//`,
    `${prefix}/.`,
    `${prefix}/..`,
    `${prefix}/./a`,
    `${prefix}/../a`,
    `${prefix}/a/../b`,
    `${prefix}/a/..`,
    `${prefix}/;x/../a`,
    `${prefix}/%2e%2e/a`,
    `${prefix}/%2E./a`,
    `${prefix}/..%2fa`,
    `${prefix}/a%2f%2e%2e%2fb`,
    `${prefix}/%2f/a`,
    `${prefix}/..%5ca`,
    `${prefix}/%5c`,
    `${prefix}/a\\b`,
    `${prefix}/%00`,
    `${prefix}/a%00.deb`,
    `${prefix}/%0d%0aX-Evil:1`,
    `${prefix}/%7f`,
    `${prefix}/%c2%85`,
    `${prefix}/%c0%ae%c0%ae/a`,
    `${prefix}/%e0%80%af`,
    `${prefix}/%ff`,
    `${prefix}/%c3`,
    `${prefix}/%ed%a0%80`,
    `${prefix}/%f4%90%80%80`,
    `${prefix}/%u002e`,
    `${prefix}/%`,
    `${prefix}/%2`,
    `${prefix}/%zz`,
    `${prefix}/a#b`,
    `${prefix}/a b`,
    `${prefix}/a\tb`,
    `${prefix}/é`,
    `${prefix}/a?b\r\n`,
    `${prefix}/${'a'.repeat(2_048)}`,
  ])('refuses %j (T-122, T-131)', (raw) => {
    expect(requestTarget('GET', raw)).toEqual({ kind: 'malformed' });
    expect(requestTarget('POST', raw)).toEqual({ kind: 'malformed' });
  });

  const piece = fc.constantFrom(
    ...['/', '.', '..', '%2e', '%2f', '%5c', '%00', '%25', '%c0%ae', '\\', ';', '?', '#', 'a', 'é', '\0', '\n', ' '],
    ...['repository', 'repositories', 'enterprise', 'community', 'debian', '%e2%82%ac', '%'],
  );

  it('never lets a segment through that could lead elsewhere, whatever is sent (I-21, I-22)', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const target = requestTarget('GET', `/repository/enterprise/debian/${pieces.join('')}`);
        if (target.kind !== 'file') return;
        const segments = target.path.split('/');
        expect(segments.slice(0, -1)).not.toContain('');
        for (const evil of ['.', '..']) expect(segments).not.toContain(evil);
        expect(target.path).not.toMatch(/[\p{Cc}\\]/u);
        expect(() => encodeURIComponent(target.path)).not.toThrow(); // no lone surrogates
      }),
      { numRuns: 20_000 },
    );
  });

  it('finds every file that can be listed, when its path is encoded', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => {
      return text !== '.' && text !== '..' && !/[\p{Cc}\\/]/u.test(text);
    });
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const target = requestTarget('GET', `/repository/enterprise/debian/${names.map(encodeURIComponent).join('/')}`);
        expect(target).toEqual(file(names.join('/')));
      }),
      { numRuns: 5_000 },
    );
  });

  it('takes no more than a moment for what is long (T-140)', () => {
    const started = performance.now();
    for (const filler of ['a', '/', '%2e', '%', '../', '//', '?']) {
      requestTarget('GET', `/${filler.repeat(100_000)}`);
      requestTarget('GET', `${prefix}/${filler.repeat(500)}`);
    }
    expect(performance.now() - started).toBeLessThan(50);
  });
});
