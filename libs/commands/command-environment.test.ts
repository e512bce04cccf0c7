import { repositoryName } from '#libs/kernel/ids.js';

import { commandEnvironment } from './command-environment.js';

const place = { repository: repositoryName('debian'), sourceDir: 'source/debian' };

describe('commandEnvironment', () => {
  it('lets through the usual variables, those of rclone and those that are listed, and nothing else (T-70)', () => {
    const environmentValues = {
      PATH: '/opt/bin',
      HOME: '/root',
      LANG: 'de_DE.UTF-8',
      TZ: 'Europe/Rome',
      RCLONE_CONFIG_S3_TYPE: 's3',
      http_proxy: 'http://p',
      APP_KEY: 'CANARY',
      DATABASE_URL: 'CANARY',
      AWS_SECRET_ACCESS_KEY: 'CANARY',
      XRCLONE_X: 'CANARY',
      LD_PRELOAD: 'CANARY',
    };
    expect(commandEnvironment({ environmentValues, environment: ['http_proxy', 'UNSET'] }, place)).toEqual({
      PATH: '/opt/bin',
      HOME: '/root',
      LANG: 'de_DE.UTF-8',
      TZ: 'Europe/Rome',
      RCLONE_CONFIG_S3_TYPE: 's3',
      http_proxy: 'http://p',
      PARCELER_REPOSITORY: 'debian',
      SOURCE_DIR: 'source/debian',
    });
  });

  it('works from an empty environment', () => {
    expect(commandEnvironment({ environmentValues: {}, environment: [] }, place)).toEqual({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      PARCELER_REPOSITORY: 'debian',
      SOURCE_DIR: 'source/debian',
    });
  });

  it('does not let the environment say what repository it is', () => {
    const settings = {
      environmentValues: { SOURCE_DIR: '/', PARCELER_REPOSITORY: 'x' },
      environment: ['SOURCE_DIR', 'PARCELER_REPOSITORY'],
    };
    expect(commandEnvironment(settings, place)).toMatchObject({
      SOURCE_DIR: 'source/debian',
      PARCELER_REPOSITORY: 'debian',
    });
  });
});
