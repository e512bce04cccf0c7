import { AppError } from '#libs/kernel/errors.js';

import { maintenanceRedirect, maintenanceSeconds, maintenanceStatus } from './maintenance-options.js';

const INVALID = { kind: 'invalid', code: 'INVALID_MAINTENANCE_OPTION' };

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('what an operator may say about a maintenance', () => {
  it('is a status that appliances have words for', () => {
    const taken = Array.from({ length: 1_000 }, (_, status) => status).filter(
      (status) => !(thrownBy(() => maintenanceStatus(String(status))) instanceof AppError),
    );
    expect(taken).toEqual([400, 402, 403, 404, 406, 500, 501, 502, 503, 504]);
  });

  it.each(['', '5O3', '503.0', ' 503', '+503', '0x1f7', '1e3'])('is no status such as "%s"', (text) => {
    expect(thrownBy(() => maintenanceStatus(text))).toMatchObject(INVALID);
  });

  it('is whole seconds, a day at most', () => {
    for (const text of ['1', '60', '86400']) expect(maintenanceSeconds('retry', text)).toBe(Number(text));
    for (const text of ['0', '86401', '-1', '1.5', '1m', '', '9999999']) {
      expect(thrownBy(() => maintenanceSeconds('refresh', text))).toMatchObject(INVALID);
    }
  });

  it.each(['/', '/soon', '/soon?a=b#c', 'https://status.example/', 'http://[::1]:8080/x', 'HTTPS://status.example'])(
    'is a place to send clients to such as %s',
    (text) => {
      expect(maintenanceRedirect(text)).toBe(text);
    },
  );

  it.each([
    '',
    'soon',
    '//evil.example',
    '/\\evil.example',
    '/a b',
    '/a\r\nSet-Cookie: x',
    '/ä',
    'ftp://status.example/',
    'javascript:alert(1)',
    'https://',
    'https:status.example',
    'https://me:secret@status.example/',
    `/${'x'.repeat(3_000)}`,
  ])('is no place such as %j', (text) => {
    expect(thrownBy(() => maintenanceRedirect(text))).toMatchObject(INVALID);
  });
});
