import { redacted } from './redact.js';

const CYCLE: Record<string, unknown> = {};
CYCLE['self'] = CYCLE;

describe('redacted', () => {
  it.each([
    'authorization',
    'Proxy-Authorization',
    'set-cookie',
    'secret',
    'client_secret',
    'milestoneToken',
    'APP_KEY',
    'env',
  ])('masks a field named %s at any depth (I-20)', (name) => {
    const fields = { [name]: 'canary', a: { b: [{ [name]: { c: 'canary' } }] } };
    expect(JSON.stringify(redacted(fields))).not.toContain('canary');
  });

  it.each(['key', 'repository', 'systemId', 'tokens', 'environment', 'secretary'])('shows a field named %s', (name) => {
    expect(redacted({ [name]: 'seen' })).toEqual({ [name]: 'seen' });
  });

  it.each([
    ['https://disk.example/a?X-Signature=canary', 'https://disk.example/a?…'],
    [
      'failed: http://a.example/b?x=canary, then http://c.example/d',
      'failed: http://a.example/b?… then http://c.example/d',
    ],
    ['rsync://user:canary@upstream.example/module', 'rsync://***@upstream.example/module'],
    ['is this a question? yes', 'is this a question? yes'],
    ['/repository/enterprise/debian/dists/stable/Release', '/repository/enterprise/debian/dists/stable/Release'],
  ])('writes %s as %s', (text, shown) => {
    expect(redacted({ text })).toEqual({ text: shown });
    expect(redacted(text)).toBe(shown);
  });

  it('cuts secrets out of errors and their causes, and keeps what tells most', () => {
    const cause = Object.assign(new Error('connect to http://u:canary@host failed'), { code: 'ECONNREFUSED' });
    const shown = redacted({ error: new Error('outer', { cause }) });
    expect(shown).toMatchObject({ error: { message: 'outer', cause: { code: 'ECONNREFUSED', type: 'Error' } } });
    expect(JSON.stringify(shown)).not.toContain('canary');
  });

  it('comes to an end with what holds itself', () => {
    expect(JSON.stringify(redacted(CYCLE))).toContain('[…]');
  });

  it('leaves numbers, instants and nothing as they are', () => {
    const fields = { a: 1, b: undefined, c: null, d: new Date(0), e: true };
    expect(redacted(fields)).toEqual(fields);
  });
});
