import { join } from 'node:path';

import { ask, sendRaw, type RawResponse } from '../../apps/api/testing/raw-http.js';
import { SeededRandom } from '../crash/seeded-random.js';
import { Nginx } from '../support/nginx.js';
import { Parceler } from '../support/parceler.js';
import { PlainUpstream } from '../support/plain-upstream.js';

jest.setTimeout(120_000);

const { TARGETS_SEED = String(Date.now() % 1_000_000), TARGETS = '300' } = process.env;
const FUZZED = Number(TARGETS);
const CREDENTIALS = { Authorization: `Basic ${btoa('box:open sesame')}` };
const FEED = '/repository/community/feed';
const OTHERS = 'canary of another repository';

/** What may not be reached from a repository: by its name from inside, and from the outside. */
const OUTSIDE = ['up', 'metrics', '_parceler/blobs/', 'repository/community/other/a', 'etc/passwd', 'parceler.sqlite'];
const WAYS_UP = [
  ...['../', '%2e%2e/', '.%2e/', '..%2f', '%2e%2e%2f', '%252e%252e/', '..%5c', '..\\', '..;/', '.../', './../'],
  ...[
    '%c0%ae%c0%ae/',
    '%u002e%u002e/',
    '..%00/',
    '..%0d%0a/',
    '..%09/',
    '//../',
    '%2f../',
    '..//',
    '%ef%bc%8e%ef%bc%8e/',
  ],
];
const NASTY = [
  ...WAYS_UP.flatMap((up) => OUTSIDE.map((outside) => `${FEED}/${up.repeat(3)}${outside}`)),
  ...WAYS_UP.flatMap((up) => [`/${up}up`, `${FEED}/${up}feed/a`, `${FEED}/${up}other/a`, `${FEED}/dir/${up}a`]),
  ...[
    'a',
    'a?',
    'a?/../b',
    'a?%zz',
    'a#b',
    'a%23b',
    'a;b',
    'a.',
    'a%20',
    'a%',
    'a%2',
    'a%zz',
    'a%00',
    'A',
    'a/',
    'a//',
  ].map((name) => `${FEED}/${name}`),
  ...[
    'dir%2fa',
    'dir//a',
    'dir/./a',
    'dir/%2e/a',
    '%61',
    '%2561',
    '\xe9',
    '%e9',
    '%c3%a9',
    'é',
    '^{}|"<>`',
    '[a]',
    ':a',
  ].map((name) => `${FEED}/${name}`),
  ...['/repository//community/feed/a', '//repository/community/feed/a', '/repositories/community/feed/a'],
  ...['/%72epository/community/feed/a', '/REPOSITORY/community/feed/a', '/repository/community/feed', '/repository'],
  ...[
    `http://evil.example${FEED}/a`,
    `https://evil.example${FEED}/a`,
    `x:${FEED}/a`,
    '*',
    'a',
    '',
    '?',
    '/',
    '/?',
    '/#',
  ],
  ...[
    '/up',
    '/up/',
    '/up%20',
    '/up?a',
    '/%75p',
    '//up',
    '/./up',
    '/health/ready',
    '/health/../up',
    '/up#',
    '/%6detrics',
  ],
  ...[
    '/_parceler/blobs/../../up',
    `/${'x'.repeat(2_100)}`,
    `${FEED}/${'a/'.repeat(1_100)}`,
    `${FEED}/a?${'x'.repeat(5_000)}`,
  ],
];

const PIECES = [
  ...['a', 'dir', 'feed', 'other', 'up', 'metrics', 'repository', 'community', 'enterprise', '.', '..', '...', ' ', ''],
  ...[
    '/',
    '/',
    '/',
    '%2f',
    '%5c',
    '\\',
    '%2e',
    '%252e',
    '%',
    '%0',
    '%00',
    '%c3',
    '%c3%a9',
    '\xff',
    '?',
    '#',
    ';',
    ':',
    '@',
  ],
];

describe(`what nginx is asked, it hides nothing of from the api (TARGETS_SEED=${TARGETS_SEED})`, () => {
  const upstream = new PlainUpstream();
  const random = new SeededRandom(Number(TARGETS_SEED));
  let parceler: Parceler;
  let nginx: Nginx;

  beforeAll(async () => {
    parceler = await Parceler.create({ DELIVERY: 'accel', TRUSTED_PROXIES: '127.0.0.1', LOG_LEVEL: 'error' });
    parceler.run(['system:add', 'box', '--edition', 'community', '--secret-stdin'], { input: 'open sesame' });
    await parceler.serve();
    upstream.write('a', 'a of feed');
    upstream.write('dir/a', 'a of dir');
    parceler.must('repository:create', '--name', 'feed', '--command', upstream.command, '--delay', '0', '--no-sync');
    const write = `echo '${OTHERS}' > "$SOURCE_DIR/a"`;
    parceler.must('repository:create', '--name', 'other', '--command', write, '--delay', '0', '--no-sync');
    for (const name of ['feed', 'other']) parceler.must('repository:sync', name, '--wait');
    nginx = await Nginx.start({
      API_ADDRESS: `127.0.0.1:${String(parceler.port)}`,
      PARCELER_BLOBS: join(parceler.storage, 'disk', 'blobs'),
    });
  });
  afterAll(async () => {
    await nginx.stop();
    await parceler.dispose();
    upstream.dispose();
  });

  /** A target that makes no sense is as good as one of nothing: nginx may say the one where the api says the other. */
  const verdict = ({ status, body }: RawResponse): string => {
    if (status === 400 || status === 404 || status === 414 || status === 431) return 'nothing';
    return `${String(status)} ${status === 200 ? body.toString('latin1') : ''}`;
  };

  const seen = new Set<number>();
  const differences = async (targets: readonly string[]): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const target of targets) {
      for (const headers of [CREDENTIALS, {}]) {
        const [through, direct] = [
          await ask(nginx.port, target, { headers }),
          await ask(parceler.port, target, { headers }),
        ];
        seen.add(direct.status);
        if (verdict(through) !== verdict(direct)) found.push(`${target}: ${verdict(through)}, not ${verdict(direct)}`);
      }
    }
    return found;
  };

  it(`has the verdict of the api on ${String(NASTY.length)} nasty targets (T-122, T-123)`, async () => {
    expect(await differences(NASTY)).toEqual([]);
    expect([...seen].toSorted()).toEqual(expect.arrayContaining([200, 400, 401, 404]));
  });

  it(`has the verdict of the api on ${String(FUZZED)} targets put together at random (T-122, T-123)`, async () => {
    const targets = Array.from({ length: FUZZED }, (_, at) => {
      const tail = random.sample([...PIECES, ...PIECES], 1 + random.integer(8)).join('');
      return `${at % 3 === 0 ? '/' : `${FEED}/`}${tail}`;
    }).filter((target) => !/^\/metrics *(?:\?|$)/.test(target)); // which nginx has for nobody
    expect(await differences(targets)).toEqual([]);
  });

  const credentials = `Authorization: ${CREDENTIALS.Authorization}`;
  const hidden = `GET /repository/community/other/a HTTP/1.1\r\nHost: x\r\n${credentials}\r\n\r\n`;
  const length = String(hidden.length);
  const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
  const post = (lines: readonly string[], body: string, start = `GET ${FEED}/a HTTP/1.1`): string =>
    [start, 'Host: x', credentials, ...lines, '', body].join('\r\n');
  const last = `GET ${FEED}/a HTTP/1.1\r\nHost: x\r\n${credentials}\r\nConnection: close\r\n\r\n`;

  it.each([
    ['a body with a length', post([`Content-Length: ${length}`], hidden)],
    ['a chunked body', post(['Transfer-Encoding: chunked'], chunk)],
    ['a chunked body with extensions', post(['Transfer-Encoding: chunked'], chunk.replace('\r\n', ';a=b;c="d"\r\n'))],
    [
      'a chunked body and trailers',
      post(['Transfer-Encoding: chunked'], chunk.replace(/\r\n$/, 'Content-Length: 9\r\n\r\n')),
    ],
    ['a length, and chunked', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`)],
    ['chunked, and a length', post(['Transfer-Encoding: chunked', 'Content-Length: 5'], `0\r\n\r\n${hidden}`)],
    ['chunked, and no length', post(['Transfer-Encoding: chunked', 'Content-Length: 0'], chunk)],
    ['chunked twice', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunk)],
    ['chunked and identity', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], chunk)],
    ['identity', post(['Transfer-Encoding: identity'], hidden)],
    ['xchunked', post(['Transfer-Encoding: xchunked'], chunk)],
    ['gzip, chunked', post(['Transfer-Encoding: gzip, chunked'], chunk)],
    ['chunked in capitals', post(['Transfer-Encoding: CHUNKED'], chunk)],
    ['chunked behind a tab', post(['Transfer-Encoding:\tchunked'], chunk)],
    ['chunked behind a vertical tab', post(['Transfer-Encoding: \vchunked'], chunk)],
    ['chunked in quotes', post(['Transfer-Encoding: "chunked"'], chunk)],
    ['a space before the colon', post(['Transfer-Encoding : chunked'], chunk)],
    ['a space before the name', post([' Transfer-Encoding: chunked'], chunk)],
    ['a folded coding', post(['Transfer-Encoding:', ' chunked'], chunk)],
    ['an underscore', post(['Transfer_Encoding: chunked'], chunk)],
    ['two lengths', post(['Content-Length: 0', `Content-Length: ${length}`], hidden)],
    ['the same length twice', post([`Content-Length: ${length}`, `Content-Length: ${length}`], hidden)],
    ['a list of lengths', post([`Content-Length: ${length}, ${length}`], hidden)],
    ['a length with a sign', post([`Content-Length: +${length}`], hidden)],
    ['a negative length', post(['Content-Length: -1'], hidden)],
    ['a length in hexadecimal', post([`Content-Length: 0x${hidden.length.toString(16)}`], hidden)],
    ['a length with a fraction', post([`Content-Length: ${length}.0`], hidden)],
    ['a length of more digits than numbers have', post([`Content-Length: ${'9'.repeat(30)}`], hidden)],
    ['an empty length', post(['Content-Length:'], hidden)],
    ['a length in a header with a bare CR', post([`X: a\rContent-Length: ${length}`], hidden)],
    ['a length in a header with a bare LF', post([`X: a\nContent-Length: ${length}`], hidden)],
    ['a NUL', post(['X: a\0b'], hidden)],
    ['a chunk of a wrong size', post(['Transfer-Encoding: chunked'], `1\r\n${hidden}\r\n0\r\n\r\n`)],
    ['a chunk of a negative size', post(['Transfer-Encoding: chunked'], `-1\r\n${hidden}\r\n0\r\n\r\n`)],
    ['a chunk of no size', post(['Transfer-Encoding: chunked'], `\r\n${hidden}\r\n0\r\n\r\n`)],
    ['a chunk in hexadecimal with 0x', post(['Transfer-Encoding: chunked'], `0x${chunk}`)],
    ['a chunk of more than any', post(['Transfer-Encoding: chunked'], `${'f'.repeat(17)}\r\n${hidden}`)],
    ['bare LF between chunks', post(['Transfer-Encoding: chunked'], chunk.replaceAll('\r\n0', '\n0'))],
    [
      'a request in a Host',
      post([], '').replace('Host: x', `Host: x\r\n\r\n${hidden}`).replace('\r\n\r\nGET', '\tGET'),
    ],
    ['two hosts', post(['Host: y'], hidden)],
    ['a header to be left out', post([`Connection: Content-Length`, `Content-Length: ${length}`], hidden)],
    ['an expectation', post(['Expect: 100-continue', `Content-Length: ${length}`], hidden)],
    ['HTTP/1.0 with a coding', post(['Transfer-Encoding: chunked'], chunk, `GET ${FEED}/a HTTP/1.0`)],
    ['HTTP/1.2', post([], '', `GET ${FEED}/a HTTP/1.2`)],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a request in the target', post([], '', `GET ${FEED}/a HTTP/1.1\rGET /repository/community/other/a HTTP/1.1`)],
    ['an absolute target', post([], '', `GET http://x${FEED}/a HTTP/1.1`)],
  ])('makes no second request of %s (T-129)', async (_, bytes) => {
    for (const port of [nginx.port, parceler.port]) await expectNoSecond(port, bytes);
    await expectNothingLeft();
  });

  it('does not let a client leave HTTP/1.1 (T-129)', async () => {
    const upgrade = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk'];
    await expectNoSecond(nginx.port, post([...upgrade, `Content-Length: ${length}`], hidden));
    await expectNothingLeft();
  });

  const expectNoSecond = async (port: number, bytes: string): Promise<void> => {
    const answers = (await sendRaw(port, Buffer.from(bytes + last, 'latin1'))).filter(({ status }) => status >= 200);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.length).toBeLessThanOrEqual(answers[0]?.status === 200 ? 2 : 1);
    expect(answers.map(({ body }) => body.toString())).not.toContainEqual(expect.stringContaining(OTHERS));
  };

  /** On the connections that nginx keeps, for whoever comes after. */
  const expectNothingLeft = async (): Promise<void> => {
    for (let i = 0; i < 2; i += 1) {
      const { status, body } = await ask(nginx.port, `${FEED}/a`, { headers: CREDENTIALS });
      expect([status, body.toString()]).toEqual([200, 'a of feed']);
    }
  };
});
