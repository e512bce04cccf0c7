import { redactorFor } from './redactor-for.js';

describe('redactorFor', () => {
  const hide = redactorFor({
    RCLONE_S3_SECRET: 'CANARY',
    APP_TOKEN: 'CANARY-LONG',
    KEY_FILE: '/etc/key',
    LANG: 'C.UTF-8',
  });

  it('hides the values of secret variables wherever they turn up, and no others', () => {
    expect(hide('a CANARY-LONG b CANARY c /etc/key C.UTF-8')).toBe('a *** b *** c /etc/key C.UTF-8');
  });
});
