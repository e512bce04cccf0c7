import { Secret } from '#libs/config/secret.js';
import { repositoryName } from '#libs/kernel/ids.js';

import { commandEnvironment } from './command-environment.js';

const place = { repository: repositoryName('debian'), sourceDir: 'source/debian' };

describe('commandEnvironment', () => {
  it('is what is let through and what belongs to the repository', () => {
    const letThrough = new Secret({ PATH: '/opt/bin', LANG: 'de_DE.UTF-8', RCLONE_CONFIG_S3_TYPE: 's3' });
    expect(commandEnvironment(letThrough, place)).toEqual({
      PATH: '/opt/bin',
      LANG: 'de_DE.UTF-8',
      RCLONE_CONFIG_S3_TYPE: 's3',
      PARCELER_REPOSITORY: 'debian',
      SOURCE_DIR: 'source/debian',
    });
  });

  it('works from an empty environment', () => {
    expect(commandEnvironment(new Secret({}), place)).toEqual({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      PARCELER_REPOSITORY: 'debian',
      SOURCE_DIR: 'source/debian',
    });
  });

  it('does not let the environment say what repository it is', () => {
    expect(commandEnvironment(new Secret({ SOURCE_DIR: '/', PARCELER_REPOSITORY: 'x' }), place)).toMatchObject({
      SOURCE_DIR: 'source/debian',
      PARCELER_REPOSITORY: 'debian',
    });
  });
});
